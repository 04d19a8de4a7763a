package results

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Where the two generations of cgroups are mounted: the first for the CPU
// controller alone or with another, the second by itself or beside the first.
var (
	mountsV1 = []string{"sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"}
	mountsV2 = []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}
)

// quota is how many CPUs' time this process's cgroups allow, the strictest up
// the tree; zero when none sets a limit.
//
// Note: the runtime reads this too, but for GOMAXPROCS it rounds up, and to two
// at least.
func quota(root fs.FS) (cpus float64) {
	stricter := func(n float64) {
		if n > 0 && (cpus == 0 || n < cpus) {
			cpus = n
		}
	}
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		// hierarchy:controllers:path; the second generation names no controllers.
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(fields) < 3:
		case fields[1] == "":
			for _, folder := range upwards(mountsV2, fields[2]) {
				stricter(processors(text(root, folder+"/cpu.max")))
			}
		case slices.Contains(strings.Split(fields[1], ","), "cpu"):
			for _, folder := range upwards(mountsV1, fields[2]) {
				stricter(processors(text(root, folder+"/cpu.cfs_quota_us") + " " + text(root, folder+"/cpu.cfs_period_us")))
			}
		}
	}
	return cpus
}

// upwards are the folders from a group to the root of its tree, for each place
// where that may be mounted. In a container the group's path may be one that
// only the host sees; the root is then the container's own.
func upwards(mounts []string, group string) []string {
	var folders []string
	for _, mount := range mounts {
		for at := path.Clean("/" + group); ; at = path.Dir(at) {
			folders = append(folders, path.Join(mount, at))
			if at == "/" {
				break
			}
		}
	}
	return folders
}

// processors is time over period, as in "150000 100000"; zero of one without limit.
func processors(limits string) float64 {
	var allowed, period float64
	if _, err := fmt.Sscan(limits, &allowed, &period); err != nil || allowed <= 0 || period <= 0 {
		return 0 // "max", -1, or no such file
	}
	return allowed / period
}
