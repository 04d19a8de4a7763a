package results

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"
)

// Inspect describes the machine and this program: what a reader needs to judge
// and repeat a run, and nothing that names the machine or its user.
func Inspect() (Machine, error) {
	m := Machine{
		OS:        runtime.GOOS + "/" + runtime.GOARCH,
		CPU:       "unknown",
		CPUs:      runtime.NumCPU(),
		Go:        runtime.Version(),
		Version:   "unknown",
		Libraries: map[string]string{},
		Limits:    ReadFacts().limits(),
	}
	// A system that hides one of these can still measure.
	if kernel, err := host.KernelVersion(); err == nil {
		m.Kernel = kernel
	}
	if info, err := cpu.Info(); err == nil && len(info) > 0 {
		m.CPU = strings.TrimSpace(info[0].ModelName)
	}
	if memory, err := mem.VirtualMemory(); err == nil {
		m.MemoryBytes = memory.Total
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		m.Version = build.Main.Version
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" && build.Main.Version == "(devel)" {
				m.Version = "devel-" + s.Value[:min(12, len(s.Value))]
			}
		}
		for _, module := range build.Deps {
			m.Libraries[module.Path] = module.Version
		}
	}
	var err error
	if m.Binary, err = digest(); err != nil {
		return m, fmt.Errorf("inspect program: %w", err)
	}
	return m, nil
}

// digest is the SHA-256 of the program's file.
func digest() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
