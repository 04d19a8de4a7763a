package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// ErrNone says that there is no Chromium, and what to do about it.
var ErrNone = errors.New("no Chromium found")

// names are those that its packages give the executable.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell", "chrome"}

// Find returns the path of the browser: what the environment variable CHROMIUM
// names, or else the first of the usual names that there is.
func Find() (string, error) {
	if own := os.Getenv("CHROMIUM"); own != "" {
		path, err := exec.LookPath(own)
		if err != nil {
			return "", fmt.Errorf("%w: CHROMIUM names %q: %w", ErrNone, own, err)
		}
		return path, nil
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: install it (on Debian `apt-get install -y chromium`), or name its executable in CHROMIUM (looked for %s)", ErrNone, strings.Join(names, ", "))
}
