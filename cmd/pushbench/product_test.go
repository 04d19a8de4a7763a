package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"pushbench/scenarios"
)

// What a file can say of a product, a flag can say in the same words, and no other.
func TestAProfileIsTheSameByFileAndByFlags(t *testing.T) {
	values := map[string]string{
		"name": "mine", "clients": "70000", "rate": "3/s", "burst": "4", "audience": "50", "size": "300B", "value": "latest", "binary": "true",
		"staleness": "7s", "p99": "90ms", "rtt": "30ms", "uplink.rate": "2/s", "uplink.size": "80B", "stay": "5m0s",
		"browsers": "true", "http1": "true", "buffering_proxy": "true", "mobile": "true",
		"server.cpus": "16", "server.memory": "1GiB", "server.utilisation": "50%", "server.connections": "900", "budget": "12",
	}
	keys := leavesOf(reflect.TypeFor[scenarios.Profile](), "")
	var flagged []string
	for _, key := range keys {
		value, known := values[key]
		if !known {
			t.Errorf("%s is in no test of what a file and flags say", key)
			continue
		}
		c := &cobra.Command{Use: "choose"}
		numbers := newProduct()
		numbers.register(c.Flags())
		flag := strings.NewReplacer(".", "-", "_", "-").Replace(key)
		if flag == "uplink-rate" { // said most often of the two
			flag = "uplink"
		}
		flagged = append(flagged, flag)
		if err := c.Flags().Set(flag, value); err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		got, err := numbers.profile(c, nil)
		if err != nil {
			t.Errorf("--%s %s: %v", flag, value, err)
			continue
		}
		text := key + ": " + value
		if outer, inner, nested := strings.Cut(key, "."); nested {
			text = fmt.Sprintf("%s:\n  %s: %s", outer, inner, value)
		}
		want, err := scenarios.DecodeProfile("p.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if *got != *want || *got == *scenarios.DefaultProfile() {
			t.Errorf("--%s makes %+v, %q in a file %+v", flag, got, text, want)
		}
	}
	numbers := newProduct()
	numbers.register(new(cobra.Command).Flags())
	for flag := range numbers.copy {
		if !slices.Contains(flagged, flag) {
			t.Errorf("--%s stands for no key of a profile", flag)
		}
	}
	for _, q := range questionsOf(true) {
		if !slices.Contains(keys, q.key) {
			t.Errorf("%q asks for %s, which no profile has", q.text, q.key)
		}
	}
}

// leavesOf are the keys of a type's values.
func leavesOf(of reflect.Type, above string) (keys []string) {
	for f := range of.Fields() {
		key := above + f.Tag.Get("yaml")
		if f.Type.Kind() == reflect.Struct {
			keys = append(keys, leavesOf(f.Type, key+".")...)
		} else {
			keys = append(keys, key)
		}
	}
	return keys
}
