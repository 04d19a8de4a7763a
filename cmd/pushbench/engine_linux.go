package main

// defaultEngine is the one that costs least.
const defaultEngine = "loop"
