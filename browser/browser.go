// Package browser opens pages in Chromium, as users do, and tells what came of it:
// what the console said, what was asked of the network, what it looks like. It is
// the one place that knows the library that drives it.
package browser

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Options are how a page is seen. The zero value is a light screen of 1280 × 800
// with scripts.
type Options struct {
	Width, Height int  // of the window, in CSS pixels
	Dark          bool // what the user prefers
	Paper         bool // as the page is printed, on paper as wide as the window
	NoScript      bool // no script of a page runs; Evaluate does
	Offline       bool // there is no network, only files
	// Start is how long the browser may take to be there. Zero means 30 s.
	Start time.Duration
}

// A Browser is one that runs, with one page. Its methods are for one goroutine at
// a time.
type Browser struct {
	page context.Context
	end  context.CancelFunc

	mu       sync.Mutex
	console  []string
	requests []string
}

// Start starts a browser, which ends with the context or by Close. The error is
// ErrNone where there is none to start.
func Start(ctx context.Context, o Options) (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	if o.Width <= 0 || o.Height <= 0 {
		o.Width, o.Height = 1280, 800
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.WindowSize(o.Width, o.Height),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
	)
	if os.Geteuid() == 0 { // which its sandbox refuses
		options = append(options, chromedp.NoSandbox)
	}
	if o.Offline { // no name is one, and every address is behind a proxy that is not there
		options = append(options,
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
			chromedp.ProxyServer("127.0.0.1:9"),
			chromedp.Flag("proxy-bypass-list", "<-loopback>"))
	}
	allocator, endAll := chromedp.NewExecAllocator(ctx, options...)
	page, endPage := chromedp.NewContext(allocator)
	b := &Browser{page: page, end: func() { endPage(); endAll() }}
	// Not a deadline of the context: the browser ends with the one it was started by.
	late := time.AfterFunc(startWithin(o), b.end)
	err = b.prepare(o)
	if !late.Stop() && err != nil {
		err = fmt.Errorf("not there after %v: %w", startWithin(o), err)
	}
	if err != nil {
		b.end()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return b, nil
}

// prepare makes the page one as the options say, and listens to it.
func (b *Browser) prepare(o Options) error {
	if err := chromedp.Listen(b.page, b.hear); err != nil {
		return err
	}
	colours := emulation.MediaFeature{Name: "prefers-color-scheme", Value: "light"}
	if o.Dark {
		colours.Value = "dark"
	}
	medium := "" // the screen
	if o.Paper {
		medium = "print"
	}
	_, err := chromedp.Call(b.page, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(b.page, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(o.Width), Height: int64(o.Height), DeviceScaleFactor: 1, Mobile: o.Width < 600})
	}
	if err == nil {
		_, err = chromedp.Call(b.page, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{&colours}})
	}
	if err == nil {
		_, err = chromedp.Call(b.page, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: o.NoScript})
	}
	return err
}

func startWithin(o Options) time.Duration {
	if o.Start > 0 {
		return o.Start
	}
	return 30 * time.Second
}

// hear notes what the page says and asks for.
func (b *Browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *log.EventEntryAdded: // what the browser itself has to say: refused by a policy, not found …
		b.console = append(b.console, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
	case *runtime.EventConsoleAPICalled:
		var text strings.Builder
		text.WriteString(string(e.Type) + ":")
		for _, arg := range e.Args {
			text.WriteString(" " + cmp.Or(arg.Description, string(arg.Value)))
		}
		b.console = append(b.console, text.String())
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, "exception: "+(&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	}
}

// do runs an action in the page until the context ends.
func do[T any](ctx context.Context, b *Browser, action chromedp.Action[T]) (T, error) {
	page, cancel := context.WithCancelCause(b.page)
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	defer stop()
	got, err := chromedp.Run(page, action)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return got, err
}

// Open opens a page and returns when it has loaded. The address of a file begins
// with file://.
func (b *Browser) Open(ctx context.Context, url string) error {
	if _, err := do(ctx, b, chromedp.Navigate(url)); err != nil {
		return fmt.Errorf("open %s: %w", url, err)
	}
	return nil
}

// Evaluate runs JavaScript in the page, waits for what it promises, and stores the
// result as JSON does in the variable that into points to; nil stores none.
func (b *Browser) Evaluate(ctx context.Context, script string, into any) error {
	result, err := do(ctx, b, chromedp.Evaluate[json.RawMessage](script, chromedp.EvalAwaitPromise))
	if err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(result, into); err != nil {
		return fmt.Errorf("read what the script returned: %w", err)
	}
	return nil
}

// Screenshot is the whole page as PNG, at the width of the window.
func (b *Browser) Screenshot(ctx context.Context) ([]byte, error) {
	png, err := do(ctx, b, chromedp.FullScreenshot(100))
	if err != nil {
		return nil, fmt.Errorf("take screenshot: %w", err)
	}
	return png, nil
}

// Console is what stands in the console, one message each: the page's own, and the
// browser's about it.
func (b *Browser) Console() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.console...)
}

// Requests are the addresses that were asked for, in order: files and data in
// addresses are among them.
func (b *Browser) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requests...)
}

// Close ends the browser and removes what it has left on the disk.
func (b *Browser) Close() error {
	err := chromedp.Cancel(b.page)
	b.end()
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("end browser: %w", err)
	}
	return nil
}
