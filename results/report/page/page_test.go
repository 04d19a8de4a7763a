package page_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"

	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}' style='x`

// full is a page with a part of every kind, whose words are all the same.
func full(words string) page.Page {
	picture, _ := chart.Lines{Title: words, Text: words, Lines: []chart.Line{{Name: words, Points: []chart.Point{{X: 1, Y: 1, Note: words}, {X: 2, Y: 3}}}}}.Draw()
	table := page.Table{Name: words, Heads: [][2]string{{words, words}, {words, ""}}, Note: words,
		Lines: []page.Line{{{Text: words}, {Text: words, Note: words, Metric: words, Exact: words, Tone: page.Bad}}}}
	return page.Page{Title: words, Lead: words, Sections: []page.Section{
		{Title: words, Parts: []page.Part{
			page.Headline(words), page.Heading(words), page.Text(words),
			page.Columns{{page.Ranking{{Rank: words, Name: words, Value: words, Note: words, Tone: page.Quiet}}}, {page.Figure{Picture: picture, Note: words, Table: &table}}},
			table,
		}},
		{Title: "Method & more", Parts: []page.Part{
			page.Gallery{{Picture: picture}}, page.List{{Text: words, Tone: page.Doubt}, {Text: words}}, page.List{},
			page.Facts{{Name: words, Value: words}}, page.Command(words), page.Fold{Title: words, Parts: []page.Part{page.Text(words)}},
		}},
	}}
}

func write(t testing.TB, p page.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWordsAreTextInEveryPart(t *testing.T) { // R7
	plain, hostile := write(t, full("words")), write(t, full(evil))
	tags := regexp.MustCompile(`<[a-zA-Z/!][^>\s]*`)
	got, want := tags.FindAllString(hostile, -1), tags.FindAllString(plain, -1)
	if strings.Join(got, "") != strings.Join(want, "") {
		t.Errorf("markup differs with the words:\n%v\n%v", got, want)
	}
	if n := strings.Count(plain, "words"); n < 25 {
		t.Errorf("only %d of the words are there", n)
	}
	if strings.Contains(hostile, "<img") || strings.Contains(hostile, "ZgotmplZ") {
		t.Error("a word is markup, or was taken away")
	}
}

func TestThePolicyAllowsWhatIsThereAndNothingElse(t *testing.T) { // R7
	text := write(t, full("words"))
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]+)">`).FindStringSubmatch(text)
	if policy == nil || !strings.HasPrefix(policy[1], "default-src 'none'") || strings.Contains(policy[1], "unsafe") {
		t.Fatalf("policy %q", policy)
	}
	for _, element := range []string{"style", "script"} {
		inside := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(text, -1)
		if len(inside) != 1 {
			t.Fatalf("%d elements %s", len(inside), element)
		}
		sum := sha256.Sum256([]byte(inside[0][1]))
		if want := element + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy[1], want) {
			t.Errorf("the policy %q does not have %s", policy[1], want)
		}
	}
	if at := strings.Index(text, "Content-Security-Policy"); at > strings.Index(text, "<style>") {
		t.Error("the policy comes too late")
	}
	for _, foreign := range []string{"http://", "https://", "url(", "@import", " style=", "src="} {
		if i := strings.Index(text, foreign); i >= 0 {
			t.Errorf("%q: …%.80s", foreign, text[max(0, i-20):])
		}
	}
}

func TestSectionsAreListedAndCanBeReached(t *testing.T) {
	text := write(t, full("words"))
	for _, want := range []string{`<a href="#s1-words">words</a>`, `<section id="s1-words">`, `<a href="#s2-method--more">Method &amp; more</a>`, `<section id="s2-method--more">`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, "<ul class=\"sentences\">\n</ul>") {
		t.Error("a list of nothing is shown")
	}
}

func TestNumbersAreThereForProgramsToo(t *testing.T) {
	text := write(t, page.Page{Sections: []page.Section{{Parts: []page.Part{
		page.Table{Heads: [][2]string{{"row", ""}, {"p99", "ms"}}, Lines: []page.Line{{{Text: "ws"}, {Text: "20.2", Note: "19 to 21", Metric: "latency_p99", Exact: "20.21"}}}},
	}}}})
	for _, want := range []string{`<data value="20.21" data-metric="latency_p99">20.2</data><small>19 to 21</small>`, `<th scope="col">p99<small>ms</small></th>`, `<th scope="row">ws</th>`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text[strings.Index(text, "<main>"):])
		}
	}
}

// A full disk.
type disk struct{}

var errFull = errors.New("no space left")

func (disk) Write([]byte) (int, error) { return 0, errFull }

func TestAPageThatCannotBeWrittenIsAnError(t *testing.T) {
	if err := full("words").Write(disk{}); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}
