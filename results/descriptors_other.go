//go:build !unix

package results

// descriptors has no limit to read here.
func descriptors() int { return 0 }
