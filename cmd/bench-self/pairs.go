package main

import (
	"fmt"
	"slices"
)

var (
	push    = []string{"sse", "ws", "longpoll"}
	streams = []string{"sse", "ws"}
	all     = []string{"sse", "ws", "longpoll", "poll"}
)

// What the pairs are put under. Polls ask in a closed loop, at any rate.
func paced(t string) load     { return load{Transport: t, Clients: 1000, Rate: 10} }
func saturated(t string) load { return load{Transport: t, Clients: 1000} }
func crowded(t string) load   { return load{Transport: t, Clients: 10_000, Rate: 1} }
func closed(t string) load    { return load{Transport: t, Clients: 10_000} }
func brisk(t string) load     { return load{Transport: t, Clients: 1000, Rate: 60} }
func packed(t string) load    { return load{Transport: t, Clients: 1000, Batch: 16} }
func pressed(t string) load   { return load{Transport: t, Clients: 1000, Rate: 500, Batch: 4} }
func flooded(t string) load   { return load{Transport: t, Clients: 1000, Rate: 1000} }
func idle(t string) load      { return load{Transport: t, Clients: 1000, Idle: true} }
func abandoned(t string) load { return load{Transport: t, Clients: 10_000, Idle: true} }

// baselines are what the baseline is put under, whose frames the floor has bare.
var baselines = []func(string) load{paced, saturated}

// loads are all of them, in the order of a round.
var loads = func() (l []load) {
	for _, t := range all {
		for _, under := range []func(string) load{
			paced, saturated, packed, brisk, pressed, flooded, crowded, closed, idle, abandoned,
		} {
			l = append(l, under(t))
		}
	}
	for _, under := range baselines {
		l = append(l, under("tcp"))
	}
	return l
}()

// pairs are what is asked of the suite's halves.
func pairs() []pair { return slices.Concat(ofGenerator(), ofStd(), ofLean()) }

// beside is a pair of the same load, and its goal a ratio; zero: none.
func beside(name string, l load, a who, ma metric, b who, mb metric, ratio float64) pair {
	return pair{name: fmt.Sprintf("%s, %s", name, l), a: side{l, a, ma}, b: side{l, b, mb}, ratio: ratio}
}

// alone is a value with a goal of its own.
func alone(name string, l load, b who, m metric, value float64) pair {
	return pair{name: fmt.Sprintf("%s, %s", name, l), b: side{l, b, m}, value: value}
}

// ofGenerator are those of our clients, against a server in C.
func ofGenerator() (p []pair) {
	cpu := func(l load, ratio float64) {
		p = append(p, beside("generator CPU", l, floor, generatorCPU, ours, generatorCPU, ratio))
	}
	for _, t := range all {
		cpu(saturated(t), 1.15)
	}
	for _, t := range all {
		cpu(paced(t), 1.15)
	}
	for _, t := range push {
		cpu(crowded(t), 1.15)
	}
	for _, t := range streams {
		cpu(packed(t), 1.3)
	}
	for _, under := range []func(string) load{paced, crowded} {
		for _, t := range push {
			p = append(p, beside("generator latency p50", under(t), floor, latencyP50, ours, latencyP50, 1.05))
		}
	}
	for _, t := range all {
		p = append(p, beside("generator below std server", paced(t), std, serverCPU, ours, generatorCPU, 1))
	}
	for _, t := range push {
		p = append(p, beside("generator below std server", saturated(t), std, serverCPU, ours, generatorCPU, 1))
	}
	for _, t := range push {
		p = append(p, alone("generator memory a client", crowded(t), ours, generatorRSS, 0.5))
	}
	return append(p, alone("generator memory a client", closed("poll"), ours, generatorRSS, 0.5))
}

// ofStd are those of the servers that most teams would write.
func ofStd() (p []pair) {
	for _, t := range all {
		p = append(p, beside("std server CPU beside plain", paced(t), plain, serverCPU, std, serverCPU, 1.2))
	}
	for _, t := range all {
		p = append(p, beside("std server CPU beside C", paced(t), floor, serverCPU, std, serverCPU, 0))
	}
	for _, t := range push {
		p = append(p, beside("std server CPU beside C", saturated(t), floor, serverCPU, std, serverCPU, 0))
	}
	for _, t := range all {
		p = append(p, beside("plain server CPU beside C", paced(t), floor, serverCPU, plain, serverCPU, 0))
	}
	for _, t := range all {
		for _, under := range []func(string) load{idle, abandoned} {
			p = append(p, alone("std server memory a connection", under(t), std, serverRSS, 36))
		}
	}
	return p
}

// ofLean are those of the servers on the event loop.
func ofLean() (p []pair) {
	cpu := func(l load, ratio float64) {
		p = append(p, beside("lean server CPU", l, floor, serverCPU, lean, serverCPU, ratio))
	}
	for _, t := range streams {
		cpu(saturated(t), 1.05)
	}
	for _, under := range []func(string) load{paced, crowded} {
		for _, t := range streams {
			cpu(under(t), 1.15)
		}
	}
	cpu(paced("longpoll"), 1.15)
	cpu(brisk("longpoll"), 1.15)
	cpu(saturated("poll"), 1.15)
	for _, t := range streams {
		cpu(pressed(t), 1.3)
	}
	for _, under := range baselines {
		cpu(under("tcp"), 1.1)
	}
	for _, t := range streams {
		p = append(p,
			alone("lean server latency p99", pressed(t), lean, latencyP99, 15_000),
			alone("lean server latency p99", flooded(t), lean, latencyP99, 20_000))
	}
	for _, under := range []func(string) load{paced, crowded} {
		for _, t := range streams {
			p = append(p,
				beside("lean server latency p50", under(t), floor, latencyP50, lean, latencyP50, 1.2),
				beside("lean server latency p99", under(t), floor, latencyP99, lean, latencyP99, 1.2))
		}
	}
	for _, t := range all {
		p = append(p, alone("lean server memory a connection", abandoned(t), lean, serverRSS, 0.6))
	}
	return p
}
