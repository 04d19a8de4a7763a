package target

import (
	"fmt"

	"pushbench/servers/host"
	"pushbench/servers/source"
)

// together makes one account of those of a server's processes. Each has published
// all events by itself, to its own clients: they must be the same ones. An event is
// published when the first process has published it: by what the others are late they
// wait for each other, on the CPUs that they share, and that is a server's own doing.
func together(words []host.Word) Account {
	var a Account
	for i, w := range words {
		a.Spoken += len(w.Taken.Due) - w.Driven
		for _, t := range w.Topics {
			a.Spoken += len(t.Due)
		}
		a.Taken.Due = append(a.Taken.Due, w.Taken.Due...)
		a.Taken.Pub = append(a.Taken.Pub, w.Taken.Pub...)
		a.Unwritten += w.Unwritten
		a.Injected = append(a.Injected, w.Injected...)
		if i == 0 {
			a.Topics, a.Driven = w.Topics, w.Driven
			continue
		}
		if w.Driven != a.Driven && a.Apart == "" {
			a.Apart = fmt.Sprintf("one had published %d events of the load, another %d", w.Driven, a.Driven)
		}
		a.Driven = max(a.Driven, w.Driven)
		for len(a.Topics) < len(w.Topics) {
			a.Topics = append(a.Topics, source.Stamps{})
		}
		for topic, stamps := range w.Topics {
			if apart := join(&a.Topics[topic], stamps); apart != "" && a.Apart == "" {
				a.Apart = fmt.Sprintf("topic %d: %s", topic, apart)
			}
		}
	}
	return a
}

// join adds to a topic's stamps those of another process, and says how they differ.
func join(all *source.Stamps, more source.Stamps) (apart string) {
	if len(all.Due) < len(more.Due) {
		*all, more = more, *all
	}
	if len(more.Due) > 0 && more.First != all.First {
		return fmt.Sprintf("the first event of one has number %d, that of another %d", more.First, all.First)
	}
	for i, due := range more.Due {
		if due != all.Due[i] {
			return fmt.Sprintf("event %d of one was due %d ns after that of another", all.First+uint64(i), due-all.Due[i])
		}
		all.Pub[i] = min(all.Pub[i], more.Pub[i])
	}
	if len(more.Due) < len(all.Due) {
		return fmt.Sprintf("one had published %d events, another %d", len(more.Due), len(all.Due))
	}
	return ""
}
