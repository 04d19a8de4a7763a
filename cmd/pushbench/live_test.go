package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pushbench/browser"
	"pushbench/browser/browsertest"
	"pushbench/loadgen/target"
)

// open opens the server's page.
func (s *served) open(t *testing.T, o browser.Options) *browser.Browser {
	t.Helper()
	b := browsertest.Start(t, o)
	if err := b.Open(t.Context(), s.url+"/"); err != nil {
		t.Fatal(err)
	}
	return b
}

// script runs JavaScript in the page and returns what it does, as text.
func script(t *testing.T, b *browser.Browser, text string) string {
	t.Helper()
	var got any
	if err := b.Evaluate(t.Context(), text, &got); err != nil {
		t.Fatalf("%v\nin %s", err, text)
	}
	return fmt.Sprint(got)
}

// await has the page wait until the JavaScript condition holds; the test's own
// limit bounds it.
func await(t *testing.T, b *browser.Browser, condition string) {
	t.Helper()
	script(t, b, fmt.Sprintf(`new Promise((done) => {
		const look = () => { if (%s) done('yes'); else setTimeout(look, 20); };
		look();
	})`, condition))
}

// allOf is true when the condition holds of every lane.
func allOf(condition string) string {
	return fmt.Sprintf("lanes.length === 4 && lanes.every((lane) => %s)", condition)
}

// wantAll wants every lane to have had each event once.
func wantAll(t *testing.T, b *browser.Browser) {
	t.Helper()
	if got := script(t, b, `lanes.map((l) => [l.figures.missed, l.figures.repeated]).flat().join()`); got != "0,0,0,0,0,0,0,0" {
		t.Errorf("missed and repeated are %s", got)
	}
}

func TestThePageIsAClientOfAllFourTransports(t *testing.T) {
	onBothStacks(t, func(t *testing.T, s *served) {
		b := s.open(t, browser.Options{})
		await(t, b, allOf(`lane.figures.events > 20 && lane.find('.pill').textContent === 'open'`))
		await(t, b, `['onopen', 'greeting', 'poem', 'onmessage'].every((kind) => at('textbook').textContent.includes(kind))`)
		wantAll(t, b)
		if said := b.Console(); len(said) > 0 {
			t.Errorf("the console says %q", said)
		}
		host := s.host()
		for _, request := range b.Requests() {
			if !strings.HasPrefix(request, "http://"+host+"/") && !strings.HasPrefix(request, "ws://"+host+"/") && request != "data:," {
				t.Errorf("it asks for %s", request)
			}
		}
	}, "-r", "20/s")
}

// note keeps what lanes go through from now on: states by transport, and the texts
// that were sent from the page by those who got them.
const note = `(() => {
	globalThis.states = {}, globalThis.heard = {}, globalThis.sizes = {}, globalThis.gaps = {};
	for (const lane of lanes) {
		const id = lane.element.id, say = lane.say.bind(lane), receive = lane.receive.bind(lane), gap = lane.gap.bind(lane);
		states[id] = [], heard[id] = new Set(), gaps[id] = [];
		lane.say = (state, detail = '') => { states[id].push(state + ' ' + detail); say(state, detail); };
		lane.receive = (event, bytes) => {
			if (event.type === 'note') heard[id].add(event.data);
			sizes[id] = event.data.length;
			receive(event, bytes);
		};
		lane.gap = (notice) => { gaps[id].push(notice); gap(notice); };
	}
	globalThis.lane = Object.fromEntries(lanes.map((lane) => [lane.element.id, lane]));
})()`

func TestACutClientGoesOnBehindItsCursor(t *testing.T) { // D3
	b := serve(t, "-r", "20/s").open(t, browser.Options{})
	await(t, b, allOf(`lane.figures.events > 10`))
	script(t, b, note)
	for id, other := range map[string]string{"poll": "ws", "longpoll": "ws", "sse": "ws", "ws": "sse"} {
		script(t, b, fmt.Sprintf(`lane.%s.find('button.cut').click(); globalThis.had = lane.%[1]s.figures.events; globalThis.goal = lane.%s.last + 20n`, id, other))
		await(t, b, fmt.Sprintf(`lane.%s.last > goal`, other))
		if got := script(t, b, fmt.Sprintf(`lane.%s.figures.events - had + lane.%[1]s.find('.pill').textContent`, id)); got != "0cut" {
			t.Errorf("%s: %s, want no event while it is cut", id, got)
		}
		script(t, b, fmt.Sprintf(`lane.%s.find('.restore').click()`, id))
		await(t, b, fmt.Sprintf(`lane.%s.last > goal && lane.%[1]s.find('.pill').textContent === 'open'`, id))
	}
	wantAll(t, b)
}

func TestAClientThatWasAwayForTooLongIsToldWhatIsGone(t *testing.T) { // D4
	b := serve(t, "-r", "20/s", "--keep", "5").open(t, browser.Options{})
	await(t, b, allOf(`lane.figures.events > 10`))
	script(t, b, note)
	for id, other := range map[string]string{"longpoll": "ws", "sse": "ws", "ws": "sse"} {
		script(t, b, fmt.Sprintf(`lane.%s.cut(); globalThis.had = lane.%[1]s.figures.events + lane.%[1]s.figures.missed - Number(lane.%[1]s.last); globalThis.goal = lane.%s.last + 20n`, id, other))
		await(t, b, fmt.Sprintf(`lane.%s.last > goal`, other))
		script(t, b, fmt.Sprintf(`lane.%s.restore()`, id))
		await(t, b, fmt.Sprintf(`lane.%s.last > goal && gaps.%[1]s.length === 1`, id))
		// Each event has come or is counted as missed.
		if got := script(t, b, fmt.Sprintf(`[lane.%s.figures.missed > 10, lane.%[1]s.figures.repeated, lane.%[1]s.figures.events + lane.%[1]s.figures.missed - Number(lane.%[1]s.last) - had].join()`, id)); got != "true,0,0" {
			t.Errorf("%s: many missed, repeated, unaccounted for: %s, want true,0,0", id, got)
		}
	}
}

func TestAServerThatBeginsAnewIsNoticedByAllFour(t *testing.T) { // D5
	held, err := target.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	first := serve(t, "-r", "20/s", "--listen", held.Address.String(), "--epoch", "one")
	b := first.open(t, browser.Options{})
	await(t, b, allOf(`lane.figures.events > 10`))
	script(t, b, note)
	first.stop(t)
	serve(t, "-r", "20/s", "--listen", held.Address.String(), "--epoch", "two")
	await(t, b, allOf(`lane.cursor.startsWith('two-') && lane.find('.pill').textContent === 'open'`))
	if got := script(t, b, `Object.values(gaps).map((all) => all.map((gap) => gap.epoch).join('+')).join()`); got != "one,one,one,one" {
		t.Errorf("they were told of the ends of %s", got)
	}
	if got := script(t, b, `lanes.map((lane) => lane.figures.repeated).join()`); got != "0,0,0,0" {
		t.Errorf("repeated: %s", got)
	}
}

func TestBrokenConnectionsComeBackEachInItsOwnWay(t *testing.T) { // D3
	onBothStacks(t, func(t *testing.T, s *served) {
		b := s.open(t, browser.Options{})
		await(t, b, allOf(`lane.figures.events > 10`))
		script(t, b, note)
		script(t, b, `at('reset').click()`)
		await(t, b, `lane.sse.figures.reconnects > 0 && lane.ws.figures.reconnects > 0`)
		script(t, b, `globalThis.goal = lane.poll.last + 100n`)
		await(t, b, allOf(`lane.last > goal && lane.find('.pill').textContent === 'open'`))
		wantAll(t, b)
		for id, want := range map[string]string{"sse": "by the browser itself", "ws": "closed with code 1006"} {
			if got := script(t, b, "states."+id+".join('; ')"); !strings.Contains(got, want) {
				t.Errorf("%s went through %s, want %q among it", id, got, want)
			}
		}
	}, "-r", "20/s")
}

func TestAServerThatStandsStillIsSeenInLatency(t *testing.T) {
	onBothStacks(t, func(t *testing.T, s *served) {
		b := s.open(t, browser.Options{})
		await(t, b, allOf(`lane.figures.events > 10`))
		script(t, b, `at('stall').click()`)
		// What was due first has waited for all of the three seconds, less the 50 ms
		// until it was.
		await(t, b, allOf(`Math.max(...lane.latencies) > 2500`))
		await(t, b, allOf(`lane.find('.pill').textContent === 'open' && lane.latencies.at(-1) < 2500`))
		wantAll(t, b)
	}, "-r", "20/s")
}

func TestAMessageByEachUplinkReachesAllFourAsText(t *testing.T) { // X10
	b := serve(t, "-r", "5/s").open(t, browser.Options{})
	await(t, b, allOf(`lane.figures.events > 2`))
	script(t, b, note)
	script(t, b, `for (const lane of lanes) {
		lane.find('.text').value = '<img src=x onerror="document.title=1"> "' + lane.element.id + '" ü';
		lane.find('.send').requestSubmit();
	}`)
	await(t, b, `Object.values(heard).every((texts) => texts.size === 4)`)
	if got := script(t, b, `document.querySelectorAll('img').length + document.title`); got != "0pushbench, live" {
		t.Errorf("a message has become part of the page: %s", got)
	}
	posts := 0
	for _, request := range b.Requests() {
		if strings.Contains(request, "/publish?") {
			posts++
		}
	}
	if posts != 3 {
		t.Errorf("%d messages were posted, want 3: a WebSocket needs none", posts)
	}
	if said := b.Console(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}

func TestTheSlidersChangeWhatIsPublished(t *testing.T) {
	b := serve(t, "-r", "0").open(t, browser.Options{})
	await(t, b, allOf(`lane.find('.pill').textContent === 'open'`))
	script(t, b, note)
	slide := func(id, value string) {
		script(t, b, fmt.Sprintf(`at('%s').value = %s; at('%[1]s').dispatchEvent(new Event('input')); at('%[1]s').dispatchEvent(new Event('change'))`, id, value))
	}
	slide("rate", "20")
	await(t, b, allOf(`lane.figures.events > 2`))
	slide("size", "12")
	await(t, b, `Object.values(sizes).length === 4 && Object.values(sizes).every((size) => size === 4096)`)
	if got := script(t, b, `at('rate-shown').textContent + ' ' + at('size-shown').textContent + at('controls-note').textContent`); got != "20 4,096" {
		t.Errorf("the page shows %s", got)
	}
}

func TestThePageIsUsedByKeyboard(t *testing.T) {
	b := serve(t, "-r", "5/s").open(t, browser.Options{})
	await(t, b, allOf(`lane.figures.events > 2`))
	const controls = `[...document.querySelectorAll('button, input')].filter((e) => !e.disabled)`
	var count int
	if err := b.Evaluate(t.Context(), controls+`.length`, &count); err != nil {
		t.Fatal(err)
	}
	for range count {
		if err := b.Press(t.Context(), "\t"); err != nil {
			t.Fatal(err)
		}
		script(t, b, `(() => {
			const e = document.activeElement;
			e.dataset.reached = getComputedStyle(e).outlineStyle;
		})()`)
	}
	if got := script(t, b, controls+`.filter((e) => !e.dataset.reached || e.dataset.reached === 'none').map((e) => e.outerHTML).join()`); got != "" {
		t.Errorf("the tabulator does not reach, or not visibly: %s", got)
	}
	script(t, b, note)
	script(t, b, `lane.ws.find('button.cut').focus()`)
	for i, want := range []string{"cut restore", "open cut"} {
		if err := b.Press(t.Context(), "\r"); err != nil {
			t.Fatal(err)
		}
		state, class, _ := strings.Cut(want, " ")
		await(t, b, fmt.Sprintf(`lane.ws.find('.pill').textContent === '%s'`, state))
		if got := script(t, b, `document.activeElement.className`); got != class {
			t.Fatalf("after enter %d the keyboard is at %q, want %q", i+1, got, class)
		}
	}
}

// legible lists the texts of a page whose contrast to what is behind them is below
// 4.5 (WCAG 2.2, section 1.4.3), and those that are too small.
const legible = `(() => {
	const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
	const light = (colour) => {
		const [r, g, b] = parts(colour).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const colour = getComputedStyle(e).backgroundColor;
			if (parts(colour)[3] !== 0) return colour;
		}
		return 'rgb(255, 255, 255)';
	};
	return [...document.querySelectorAll('h1, h2, h3, p, dt, dd, code, label, output, li, button:enabled, .pill')].filter((e) => {
		if (!e.textContent.trim() || e.offsetParent === null || e.closest('.visually-hidden')) return false;
		const style = getComputedStyle(e), [a, b] = [light(style.color), light(behind(e))].sort((x, y) => y - x);
		return (a + 0.05) / (b + 0.05) < 4.5 || parseFloat(style.fontSize) < 12;
	}).map((e) => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 20)).join('; ');
})()`

func TestThePageFitsAPhoneAndBothSchemes(t *testing.T) {
	s := serve(t, "-r", "20/s", "--epoch", "an_epoch_of_a_rather_long_name", "-s", "8KiB")
	var papers []string
	for _, o := range []browser.Options{{Width: 1280}, {Width: 1280, Dark: true}, {Width: 400}, {Width: 400, Dark: true}} {
		o.Height = 800
		b := s.open(t, o)
		await(t, b, allOf(`lane.figures.events > 5`))
		script(t, b, `lanes[0].cut(); lanes[1].say('reconnecting', 'in 3.0 s'); for (const lane of lanes) lane.show()`)
		if got := script(t, b, `document.documentElement.scrollWidth - innerWidth`); got != "0" {
			t.Errorf("%+v: the page is %s px wider than its window", o, got)
		}
		if got := script(t, b, legible); got != "" {
			t.Errorf("%+v: hard to read: %s", o, got)
		}
		papers = append(papers, script(t, b, `getComputedStyle(document.body).backgroundColor`))
	}
	if slices.Sort(papers); len(slices.Compact(papers)) != 2 {
		t.Errorf("light and dark have the papers %q", papers)
	}
}

func TestABrowserThatLacksAnAPIFallsBackAndSaysSo(t *testing.T) {
	b := serve(t, "-r", "20/s").open(t, browser.Options{First: `delete window.EventSource; delete window.WebSocket`})
	await(t, b, allOf(`lane.figures.events > 10`))
	wantAll(t, b)
	for i, api := range []string{"fetch", "fetch", "long polling, since this browser has no EventSource", "long polling, since this browser has no WebSocket"} {
		if got := script(t, b, fmt.Sprintf(`lanes[%d].find('.api').textContent`, i)); got != api {
			t.Errorf("lane %d: %q, want %q", i+1, got, api)
		}
	}
	if said := b.Console(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}

func TestABrowserHoldsOtherOriginsToWhatIsAllowed(t *testing.T) { // X3
	const refused, lets = "refused", "lets this page read"
	for _, tt := range []struct {
		origins       string // with the page's own in place of OWN
		without, with string // credentials
	}{{"", refused, refused}, {"*", lets, refused}, {"OWN", lets, lets}, {"https://other.example", refused, refused}} {
		t.Run(tt.origins, func(t *testing.T) {
			held, err := target.Reserve()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(held.Release)
			own := "http://" + held.Address.String()
			s := serve(t, "--listen", held.Address.String(), "--origins", strings.ReplaceAll(tt.origins, "OWN", own))
			b := s.open(t, browser.Options{})
			for _, c := range []struct{ credentials, want string }{{"false", tt.without}, {"true", tt.with}} {
				script(t, b, fmt.Sprintf(`at('credentials').checked = %s; at('cross-result').textContent = ''; at('cross').click()`, c.credentials))
				await(t, b, `at('cross-result').textContent !== ''`)
				if got := script(t, b, `at('cross-result').textContent`); !strings.Contains(got, c.want) {
					t.Errorf("with credentials %s: %q, want %q", c.credentials, got, c.want)
				}
			}
		})
	}
}

// What a server does not give to its page, who opens it may bring.
func TestThePageTakesATokenFromItsAddress(t *testing.T) { // X9
	const own = "a-token-of-my-own"
	s := serve(t, "-r", "0", "--control", own)
	b := s.open(t, browser.Options{})
	if got := script(t, b, `at('stall').disabled + ' ' + at('controls-note').textContent`); !strings.HasPrefix(got, "true ") || !strings.Contains(got, "#TOKEN") {
		t.Errorf("without a token: %s", got)
	}
	b = browsertest.Start(t, browser.Options{})
	if err := b.Open(t.Context(), s.url+"/#"+own); err != nil {
		t.Fatal(err)
	}
	script(t, b, `control({rate: 20})`)
	await(t, b, allOf(`lane.figures.events > 2`))
}
