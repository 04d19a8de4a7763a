package results

import (
	"compress/gzip"
	"io"
	"io/fs"
	"strings"
)

// irqTime says whom the kernel charges for the time of interrupts, and with
// them for most of what receiving costs. Only its configuration tells: with or
// without that account /proc/stat counts interrupts.
func irqTime(root fs.FS) string {
	config := kernelConfig(root)
	switch {
	case config == "":
		return ""
	case strings.Contains(config, "CONFIG_IRQ_TIME_ACCOUNTING=y"),
		strings.Contains(config, "CONFIG_VIRT_CPU_ACCOUNTING_NATIVE=y"):
		return IRQAccounted
	}
	return IRQCharged
}

// kernelConfig is what the kernel was built with; empty when it does not tell.
func kernelConfig(root fs.FS) string {
	if packed, err := root.Open("proc/config.gz"); err == nil {
		defer packed.Close()
		if plain, err := gzip.NewReader(packed); err == nil {
			if all, err := io.ReadAll(plain); err == nil {
				return string(all)
			}
		}
	}
	b, _ := fs.ReadFile(root, "boot/config-"+text(root, "proc/sys/kernel/osrelease"))
	return string(b)
}
