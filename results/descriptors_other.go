//go:build !unix

package results

// descriptors has no limit to read here.
func descriptors() (uint64, bool) { return 0, false }
