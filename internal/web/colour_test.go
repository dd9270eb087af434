package web

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// TestContrast measures the colours of the style sheet in both schemes (WCAG 2.2, 1.4.6 and 1.4.11): text 7:1 on each
// ground it stands on, shapes 3:1.
func TestContrast(t *testing.T) {
	style, err := assetFiles.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllSubmatch(style, 2)
	if len(blocks) != 2 {
		t.Fatalf("%d schemes", len(blocks))
	}
	colour := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`)
	scheme := map[string]string{}
	for i, name := range []string{"light", "dark"} {
		for _, m := range colour.FindAllSubmatch(blocks[i][1], -1) { // the dark scheme changes the light one
			scheme[string(m[1])] = string(m[2])
		}
		for _, tc := range []struct {
			front, back string
			least       float64
		}{
			{"ink", "paper", 7}, {"ink", "sheet", 7}, {"ink", "shade", 7}, {"ink", "sky-tint", 7}, {"ink", "sun-tint", 7}, {"ink", "green-tint", 7}, {"ink", "red-tint", 7},
			{"quiet", "paper", 7}, {"quiet", "sheet", 7},
			{"primary", "paper", 7}, {"primary", "sheet", 7}, {"primary", "sky-tint", 7}, {"primary-deep", "paper", 7}, {"on-primary", "primary", 7}, {"on-primary", "primary-deep", 7},
			{"red", "paper", 7}, {"red", "sheet", 7}, {"red", "red-tint", 7}, {"on-primary", "red", 7}, {"on-primary", "red-deep", 7},
			{"green", "green-tint", 7}, {"green", "sheet", 7}, {"on-foot", "foot", 7},
			{"edge", "sheet", 3}, {"edge", "paper", 3}, {"sky", "paper", 3}, {"sky", "sheet", 3}, {"ink", "sun", 3},
		} {
			a, b := scheme[tc.front], scheme[tc.back]
			if a == "" || b == "" {
				t.Errorf("%s: no colour %s or %s", name, tc.front, tc.back)
				continue
			}
			// What is filled with the sun has an outline of ink, so its own contrast with the ground is of no matter; in the
			// dark the outline is light, as the sun is.
			if name == "dark" && tc.back == "sun" {
				continue
			}
			if got := contrast(a, b); got < tc.least {
				t.Errorf("%s: %s on %s is %.2f:1, want %.1f:1", name, tc.front, tc.back, got, tc.least)
			}
		}
	}
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(hex string) float64 {
	v, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		panic(err)
	}
	part := func(n uint64) float64 {
		c := float64(n&255) / 255
		if c <= 0.03928 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(v>>16) + 0.7152*part(v>>8) + 0.0722*part(v)
}
