//go:build !linux

package main

// defaultEngine is the only one that works here.
const defaultEngine = "goroutine"
