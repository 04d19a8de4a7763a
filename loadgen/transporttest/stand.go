package transporttest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/servers/faults"
	"pushbench/servers/host"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A stand is a subject's server at work, on a source and a port of its own.
type stand struct {
	subject Subject
	source  *source.Source
	half    any // what the server has of the transport
	fault   *faults.Fault
	address netip.AddrPort
	stop    context.CancelFunc
	ended   chan struct{} // closed when the server has
	err     error         // why, from then on
}

// open starts the server. Close ends it.
func (s Subject) open(ctx context.Context, o source.Options, topics ...string) (*stand, error) {
	fault := &faults.Fault{}
	if s.Fault != "" {
		var err error
		if fault, err = faults.Parse(s.Fault); err != nil {
			return nil, err
		}
	}
	o.View, o.Rotate = fault.View, s.Rotate
	src := source.New(o, topics...)
	mount := s.Mount(src)
	var half any = mount.Handler
	if mount.Lean != nil {
		half, mount.Lean = mount.Lean, fault.WrapLean(src, mount.Lean)
		if !fault.CanLean() {
			return nil, fmt.Errorf("no server on the lean stack has the fault %s", s.Fault)
		}
	} else {
		mount.Handler = fault.Wrap(src, mount.Handler)
	}
	server := host.New(src, mount)
	server.Fault = fault
	listener, err := server.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address, err := netip.ParseAddrPort(listener.Addr().String())
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	st := &stand{subject: s, source: src, half: half, fault: fault, address: address, stop: stop, ended: make(chan struct{})}
	st.begin()
	go func() {
		defer close(st.ended)
		st.err = server.Serve(ctx, listener)
	}()
	return st, nil
}

// begin lets the fault, if any, begin with what it does at an instant.
func (st *stand) begin() {
	now := wire.Now()
	st.fault.Begin(source.Load{Start: now, End: now + int64(time.Minute)}, source.Timer{})
}

// close ends the server and returns how that went.
func (st *stand) close() error {
	st.stop()
	<-st.ended
	return st.err
}

func (st *stand) endpoint(topic string) *engine.Endpoint {
	return &engine.Endpoint{Host: st.address.String(), Path: st.subject.Path, Topic: topic, Raw: st.source.Raw()}
}

// text is the payload of event n of the topic: sealed, and different in every
// topic and number.
func text(topic string, n uint64) []byte {
	t := fmt.Appendf(nil, "event %d of %s says %x", n, topic, n*0x9e3779b97f4a7c15)
	return append(append([]byte{'"'}, wire.AppendSeal(t)...), '"')
}

// publish publishes that many events with their text, due now.
func (st *stand) publish(topic string, count int) error {
	t, err := st.source.Topic(topic)
	if err != nil {
		return err
	}
	for range count {
		if _, err := t.Publish(wire.Message{Due: wire.Now(), Data: text(topic, t.Head()+1)}); err != nil {
			return err
		}
	}
	return nil
}
