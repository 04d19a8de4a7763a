package resultstest

import (
	"math"
	"time"

	"pgregory.net/rapid"

	"pushbench/results/hdr"
)

// hostile are names that somebody gave to end a program, to drive a terminal, to
// leave their cell, or to run.
var hostile = []string{
	"", " ", "a|b", "two\nlines", "\r\n", "tab\there", "東京サーバ", "\x1b[31mred\x1b[0m", "\x1b]0;title\a", "\u009b2J", "\x7f", "\x00",
	"<b>bold</b>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;", "]]>", "--><!--", `"quoted"`, "'", "`", "*_~$",
	"[link](http://example.com)", "![](http://example.com/x.png)", "::error::gotcha", "::set-output name=a::b", "##[add-mask]x", "%0A::warning::",
	"=1+1", "+1", "-1", "@SUM(A1)", "a,b;c", "\u202egnp.exe", "e\u0301\u0301\u0301", "\U0001f600", "\ufffd", "p99", "NaN", "1e999", "-inf", "..", "../../etc/passwd",
	`back\slash`, `\|`, "#", "- item", "1. item", "a=b", "/", "%s%n%d", "{{.}}", "null", "wide" + long,
}

// long is as wide as two screens.
var long = func() string {
	text := make([]byte, 200)
	for i := range text {
		text[i] = 'x'
	}
	return string(text)
}()

func (m maker) name(of string) string {
	return rapid.OneOf(rapid.SampledFrom(hostile), rapid.StringN(0, 20, 60)).Draw(m.T, of)
}

// amount is a count, or bytes: of a wild run any number there is.
func (m maker) amount() int64 {
	if !m.wild {
		return m.dice.Int64N(1 << (1 + m.dice.UintN(30)))
	}
	switch m.dice.IntN(8) {
	case 0:
		return 0
	case 1:
		return math.MaxInt64
	case 2:
		return math.MinInt64
	case 3:
		return -m.dice.Int64N(1e6)
	}
	return m.dice.Int64N(1 << (1 + m.dice.UintN(62)))
}

// some is an amount that is not zero in a tame run, for what is divided by.
func (m maker) some() int64 {
	if m.wild {
		return m.amount()
	}
	return 1 + m.amount()
}

// length is a length of time, up to some minutes.
func (m maker) length() time.Duration {
	if m.wild {
		return time.Duration(m.amount())
	}
	return time.Duration(1 + m.dice.Int64N(1<<(4+m.dice.UintN(34))))
}

// share is a number from 0 to 1, or of a wild run any that JSON can carry.
func (m maker) share() float64 {
	if !m.wild {
		return m.dice.Float64()
	}
	return []float64{0, 1, -1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.Copysign(0, -1), 0.5, 1e15, 1e-320}[m.dice.IntN(10)]
}

func (m maker) shares(n int) []*float64 {
	var all []*float64
	for range n {
		all = append(all, new(m.share()))
	}
	return all
}

// reasons are amounts by reason.
func (m maker) reasons(names ...string) map[string]int64 {
	all := map[string]int64{}
	for _, name := range names {
		if m.dice.IntN(2) == 0 {
			all[name] = m.amount()
		}
	}
	return all
}

// fill makes the histograms that the run's trials share: some are empty, and some
// have too few values for a percentile.
func (m *maker) fill() {
	for range 8 {
		h := hdr.New()
		samples := int64(1) << m.dice.UintN(18)
		for range m.dice.IntN(40) {
			h.RecordN(time.Duration(m.dice.Int64N(1<<(10+m.dice.UintN(24)))), samples)
		}
		if m.wild {
			h.RecordN(-time.Duration(m.dice.Int64N(1e9)), m.dice.Int64N(2))
			h.RecordN(2*hdr.Highest, m.dice.Int64N(1<<62))
			h.RecordN(time.Second, m.dice.Int64N(1<<40))
		}
		m.pool = append(m.pool, h.Packed()) // as it comes from a file
	}
}

func (m maker) histogram() *hdr.Histogram { return m.pool[m.dice.IntN(len(m.pool))] }
