package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pushbench/browser"
	"pushbench/browser/browsertest"
	"pushbench/results"
	"pushbench/results/report"
)

// saved writes a run's page and returns its address.
func saved(t *testing.T, run *results.Run) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(render(t, "html", run, report.Options{File: "run.json"})), 0o644); err != nil {
		t.Fatal(err)
	}
	return "file://" + file
}

// seen is what a page looks like to a script.
const seen = `(() => {
	const pictures = [...document.querySelectorAll('svg.picture')];
	return {
		Title: document.title,
		Pictures: pictures.length,
		Drawn: pictures.filter(p => p.getBoundingClientRect().width > 200 && p.getBoundingClientRect().height > 40 && p.querySelectorAll('path').length > 0).length,
		Wide: document.documentElement.scrollWidth - innerWidth,
		Text: document.body.innerText,
		Foreign: document.querySelectorAll('img, iframe, object, link:not([rel=icon]), script[src]').length,
		Paper: getComputedStyle(document.body).backgroundColor,
		Curve: getComputedStyle(document.querySelector('svg.picture .i2')).color,
		Ink: getComputedStyle(document.body).color,
		Unreadable: [...document.querySelectorAll('svg.picture text')].filter(e => e.getBoundingClientRect().height < 8).length,
		Cut: [...document.querySelectorAll('svg.picture text')].filter(e => {
			const text = e.getBoundingClientRect(), picture = e.closest('svg').getBoundingClientRect();
			return text.left < picture.left - 2 || text.right > picture.right + 2 || text.top < picture.top - 2 || text.bottom > picture.bottom + 2;
		}).map(e => e.textContent),
	};
})()`

type look struct {
	Title, Text, Paper, Ink, Curve             string
	Pictures, Drawn, Wide, Foreign, Unreadable int
	Cut                                        []string
}

func TestThePageNeedsNothingButItself(t *testing.T) { // R7
	evil := `<img src="http://127.0.0.1:1/x" onerror="console.error('run')">`
	run := timed(sample())
	run.Scenario = evil
	each(run, func(one *results.Trial) {
		if one.Transport == "ws" {
			one.Transport = "ws" + evil
		}
	})
	address := saved(t, run)
	papers := map[string]bool{}
	for _, o := range []browser.Options{
		{Width: 1280, Height: 800}, {Width: 1280, Height: 800, Dark: true}, {Width: 400, Height: 800}, {Width: 400, Height: 800, Dark: true, NoScript: true},
	} {
		o.Offline = true
		t.Run(fmt.Sprintf("%d dark %v script %v", o.Width, o.Dark, !o.NoScript), func(t *testing.T) {
			b := browsertest.Start(t, o)
			if err := b.Open(t.Context(), address); err != nil {
				t.Fatal(err)
			}
			var l look
			if err := b.Evaluate(t.Context(), seen, &l); err != nil {
				t.Fatal(err)
			}
			papers[l.Paper] = true
			if l.Pictures < 6 || l.Drawn != l.Pictures {
				t.Errorf("%d of %d pictures are drawn", l.Drawn, l.Pictures)
			}
			if l.Wide > 0 {
				t.Errorf("the page is %d px wider than its window", l.Wide)
			}
			if l.Unreadable > 0 || len(l.Cut) > 0 {
				t.Errorf("%d texts are too small, %q cut off", l.Unreadable, l.Cut)
			}
			if l.Foreign != 0 || !strings.Contains(l.Text, evil) || !strings.Contains(l.Title, evil) {
				t.Errorf("%d foreign elements; title %q", l.Foreign, l.Title)
			}
			if l.Curve == l.Ink || l.Curve == l.Paper {
				t.Errorf("a curve is %s on %s", l.Curve, l.Paper)
			}
			for _, want := range []string{"What decided", "valid 6/6", "Environment", "A Processor"} {
				if !strings.Contains(l.Text, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			for _, request := range b.Requests() {
				if request != address && !strings.HasPrefix(request, "data:") {
					t.Errorf("it asks for %s", request)
				}
			}
			if said := b.Console(); len(said) > 0 {
				t.Errorf("the console says %q", said)
			}
		})
	}
	if len(papers) == 1 {
		t.Errorf("light and dark have the same paper: %v", papers)
	}
}

func TestPointsSayWhatTheyAre(t *testing.T) {
	b := browsertest.Start(t, browser.Options{Offline: true})
	if err := b.Open(t.Context(), saved(t, sample())); err != nil {
		t.Fatal(err)
	}
	var said string
	if err := b.Evaluate(t.Context(), `(() => {
		const point = [...document.querySelectorAll('svg.picture g')].find(g => g.querySelector('title').textContent.includes(' p99: '));
		const box = point.getBoundingClientRect();
		point.closest('svg').dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + 2, clientY: box.top + 2}));
		const hover = point.closest('figure').querySelector('.hover');
		return hover.hidden ? '' : hover.textContent + ' = ' + point.querySelector('title').textContent;
	})()`, &said); err != nil {
		t.Fatal(err)
	}
	shown, want, _ := strings.Cut(said, " = ")
	if shown == "" || shown != want {
		t.Errorf("%q", said)
	}
}

// On paper nobody scrolls or unfolds.
func TestOnPaperNothingIsCutOffOrFolded(t *testing.T) { // R7
	const paper = 718 // A4 between margins of a centimetre, in CSS pixels
	b := browsertest.Start(t, browser.Options{Width: paper, Height: 1000, Paper: true, Offline: true})
	many := sample()
	var trials []results.Trial
	for _, clients := range []string{"100", "1000", "2000", "5000", "10000"} {
		for _, one := range many.Trials {
			one.Axes = map[string]string{"clients": clients}
			trials = append(trials, one)
		}
	}
	many.Trials = trials
	for name, run := range map[string]*results.Run{"sample": sample(), "searched": searched(), "replay": replay(t), "stormy": stormy(), "priced": tariffed(6, func(string, int) float64 { return 10 }), "many rows": many} {
		if err := b.Open(t.Context(), saved(t, run)); err != nil {
			t.Fatal(err)
		}
		var page struct {
			Wide, Folded []string
			Tables       int
		}
		if err := b.Evaluate(t.Context(), `({
			Wide: [...document.querySelectorAll('table, pre, svg, li, p')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
				.map(e => e.localName + ' of ' + Math.round(e.getBoundingClientRect().right) + ' px: ' + e.textContent.slice(0, 60)),
			Folded: [...document.querySelectorAll('details')].filter(d => ![...d.children].some(c => c.localName !== 'summary' && c.getBoundingClientRect().height > 0))
				.map(d => d.textContent.slice(0, 60)),
			Tables: document.querySelectorAll('table').length,
		})`, &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Wide) > 0 || len(page.Folded) > 0 || page.Tables == 0 {
			t.Errorf("%s: %d tables, wider than the paper %q, folded %q", name, page.Tables, page.Wide, page.Folded)
		}
	}
}
