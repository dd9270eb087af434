package media

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
)

const film1 = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nСәлем!\n"

func TestCaptions(t *testing.T) {
	for name, tc := range map[string]struct{ sent, want string }{
		"as it should be":      {film1, film1},
		"of Windows":           {"\uFEFF" + strings.ReplaceAll(film1, "\n", "\r\n"), film1},
		"of an old Mac":        {strings.ReplaceAll(film1, "\n", "\r"), film1},
		"without a last end":   {strings.TrimRight(film1, "\n"), film1},
		"words in the header":  {"WEBVTT - Қазақша\nKind: captions\nLanguage: kk\n\n00:01.000 --> 00:02.500 align:start position:0%\nСәлем!\n", film1},
		"names of cues":        {"WEBVTT\n\nintro 1\n00:00:01.000 --> 00:00:02.500\nа\nб\n", "WEBVTT\n\nintro 1\n00:00:01.000 --> 00:00:02.500\nа\nб\n"},
		"hours":                {"WEBVTT\n\n99:59:59.999 --> 100:00:00.000\nа\n", "WEBVTT\n\n99:59:59.999 --> 100:00:00.000\nа\n"},
		"notes and styles":     {"WEBVTT\n\nNOTE\nа\nб\n\nSTYLE\n::cue { background: url(http://x.example/) }\n\nREGION\nid:a\n\nNOTE x\n\n" + film1[8:], film1},
		"markup":               {"WEBVTT\n\n00:01.000 --> 00:02.500\n<v Айгүл><c.red>Сә</c><00:00:02.000><i>лем!</i>\n", film1},
		"markup over lines":    {"WEBVTT\n\n00:01.000 --> 00:02.500\n<i\n>Сәлем!</i>\n", film1},
		"signs":                {"WEBVTT\n\n00:01.000 --> 00:02.500\n1 &lt; 2 &amp; 3 > 2 &lt;script&gt;\n", "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n1 &lt; 2 &amp; 3 &gt; 2 &lt;script&gt;\n"},
		"signs within signs":   {"WEBVTT\n\n00:01.000 --> 00:02.500\n&#10;&amp;lt;i&amp;gt;&#0;\n", "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n&amp;lt;i&amp;gt;\uFFFD\n"},
		"two that overlap":     {"WEBVTT\n\n00:01.000 --> 00:09.000\nа\n\n00:01.000 --> 00:02.000\nб\n", "WEBVTT\n\n00:00:01.000 --> 00:00:09.000\nа\n\n00:00:01.000 --> 00:00:02.000\nб\n"},
		"one that says none":   {film1 + "\n00:05.000 --> 00:06.000\n<i></i>\n", film1},
		"a byte order mark":    {"\uFEFFWEBVTT", "invalid media.captions.none"},
		"an arrow in the text": {"WEBVTT\n\n00:01.000 --> 00:02.500\nа\nб --> в\n", "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nа\nб --&gt; в\n"},

		"no header":         {film1[8:], "invalid media.captions.header"},
		"another header":    {"WEBVTTX" + film1[6:], "invalid media.captions.header"},
		"nothing":           {"", "invalid media.captions.header"},
		"SubRip":            {"WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,500\nа\n", "invalid media.captions.line 4"},
		"a text alone":      {film1 + "\nа\nб\n", "invalid media.captions.line 6"},
		"minutes":           {"WEBVTT\n\n00:60.000 --> 01:00.000\nа\n", "invalid media.captions.line 3"},
		"back in time":      {film1 + "\n00:00.999 --> 00:02.000\nа\n", "invalid media.captions.order 6"},
		"ends as it begins": {"WEBVTT\n\n00:01.000 --> 00:01.000\nа\n", "invalid media.captions.order 3"},
		"another alphabet":  {"WEBVTT\n\n00:01.000 --> 00:02.500\n\xd1\xe0\n", "invalid media.captions.letters"},
		"UTF-16":            {"\xff\xfeW\x00E\x00B\x00V\x00T\x00T\x00", "invalid media.captions.letters"},
		"a zero":            {"WEBVTT\n\n00:01.000 --> 00:02.500\na\x00b\n", "invalid media.captions.letters"},
	} {
		out, err := captions([]byte(tc.sent))
		got := string(out)
		if err != nil {
			got = said(err)
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestCaptionsAreKeptAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		f := mustPut(t, s, "film.kk.vtt", []byte("WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.500 line:0\n<b>Сәлем!</b>"))
		if got := string(readAll(t, s, f)); got != film1 || f.Type != typeVTT || f.Size != int64(len(film1)) || f.Class() != Captions {
			t.Errorf("%q, %+v", got, f)
		}
		for sent, want := range map[string]string{
			"1\n00:00:01,000 --> 00:00:02,500\nа\n": "invalid media.kind.captions VTT",
			"<html>":                                "invalid media.kind.differs VTT",
			"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff": "invalid media.kind.differs VTT",
			film1 + strings.Repeat("a", MaxCaptions):             "too_large media.large.captions 1",
		} {
			if _, _, err := s.Put(t.Context(), "a", 7, "film.kk.vtt", strings.NewReader(sent)); said(err) != want {
				t.Errorf("%.30q: %v, want %s", sent, err, want)
			}
		}
	})
}

var (
	cueTimes = regexp.MustCompile(`^\d{2,4}:\d\d:\d\d\.\d{3} --> \d{2,4}:\d\d:\d\d\.\d{3}$`)
	strayed  = regexp.MustCompile(`[<>\r\x00]|&(?:[^alg]|$)`)
)

// FuzzCaptions holds what comes out to the strict form: header, names, times, text without markup; read again it stays as it is.
func FuzzCaptions(f *testing.F) {
	f.Add([]byte(film1))
	f.Add([]byte("WEBVTT x\n\nNOTE a\n\nb\n01:02.003 --> 01:00:02.003 size:1%\n<v A>&lt;x&gt; &nbsp;--> y\n\nSTYLE\n"))
	f.Add([]byte("WEBVTT\r\r00:00.000 --> 00:00.001\r&amp;amp;#60;"))
	f.Add([]byte("WEBVTT\n\n\u00a0\n00:00.000 --> 00:00.001\n\u2028a"))
	f.Fuzz(func(t *testing.T, body []byte) {
		out, err := captions(body)
		if err != nil {
			return
		}
		again, err := captions(out)
		if err != nil || !bytes.Equal(again, out) {
			t.Errorf("%q becomes %q, and that %q (%v)", body, out, again, err)
		}
		blocks := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n\n")
		if blocks[0] != "WEBVTT" {
			t.Errorf("header of %q", out)
		}
		for _, b := range blocks[1:] {
			lines := strings.Split(b, "\n")
			if !cueTimes.MatchString(lines[0]) {
				if strings.Contains(lines[0], "-->") {
					t.Errorf("name of %q", b)
				}
				lines = lines[1:]
			}
			if len(lines) < 2 || !cueTimes.MatchString(lines[0]) {
				t.Fatalf("times of %q", b)
			}
			for _, line := range lines[1:] {
				if line == "" || strayed.MatchString(line) {
					t.Errorf("text of %q", b)
				}
			}
		}
	})
}
