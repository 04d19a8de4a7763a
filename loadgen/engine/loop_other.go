//go:build !linux

package engine

import "errors"

// NewLoop has no event loop to stand on here.
func NewLoop(Options) (Engine, error) {
	return nil, errors.New("the loop engine needs Linux: use the goroutine engine")
}
