package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

// TestRoutesAndDescriptionAgree: every route is described, every described operation is a route, and access is as it says.
func TestRoutesAndDescriptionAgree(t *testing.T) {
	doc, err := openAPI()
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			open := op.Security != nil && len(*op.Security) == 0
			described[method+" "+strings.TrimSuffix(Prefix, "/")+path] = open
			if op.Summary == "" || op.OperationID == "" {
				t.Errorf("%s %s has no summary or no id", method, path)
			}
		}
	}
	w := newWorld(t, testdoor.SQLite(t))
	for _, rt := range w.handler.(*api).routes {
		open, ok := described[rt.pattern()]
		if !ok || open != rt.public {
			t.Errorf("%s: described %t, open %t, in the program %t", rt.pattern(), ok, open, rt.public)
		}
		delete(described, rt.pattern())
	}
	for pattern := range described {
		t.Errorf("%s is described and is no route", pattern)
	}
}

func TestProblemsAreDescribedAndTitled(t *testing.T) {
	doc, err := openAPI()
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for k := errs.Internal; k <= errs.Unavailable; k++ {
		if problemNames[k.Status()] == "" {
			t.Errorf("a problem of kind %v has no name", k)
		}
	}
	for status, name := range problemNames {
		if doc.Components.Responses[name] == nil || !catalog.Has("api.title."+name) {
			t.Errorf("%d %s: no description or no title", status, name)
		}
	}
}

// TestDescriptionNamesTheClosedSets: what the program knows, and nothing else.
func TestDescriptionNamesTheClosedSets(t *testing.T) {
	doc, err := openAPI()
	if err != nil {
		t.Fatal(err)
	}
	enum := func(schema, property string) []string {
		s := doc.Components.Schemas[schema].Value
		if property != "" {
			s = s.Properties[property].Value
		}
		var out []string
		for _, v := range s.Enum {
			out = append(out, v.(string))
		}
		slices.Sort(out)
		return out
	}
	var purposes, fields, all, operations []string
	for _, p := range policy.Purposes {
		purposes = append(purposes, p.Clause())
	}
	for _, f := range person.Profile {
		fields = append(fields, f.String())
	}
	for _, f := range person.All {
		all = append(all, f.String())
	}
	for _, o := range policy.Operations {
		operations = append(operations, o.String())
	}
	for _, c := range []struct {
		schema, property string
		want             []string
	}{{"Purpose", "", purposes}, {"FieldName", "", fields}, {"AnyFieldName", "", all}, {"LogEntry", "operation", operations}} {
		slices.Sort(c.want)
		if got := enum(c.schema, c.property); !slices.Equal(got, c.want) {
			t.Errorf("%s.%s: %v, not %v", c.schema, c.property, got, c.want)
		}
	}
	var registered []string
	for name := range doc.Components.Schemas["Values"].Value.Properties {
		registered = append(registered, name)
	}
	slices.Sort(registered)
	slices.Sort(fields)
	if !slices.Equal(registered, fields) {
		t.Errorf("values %v, not %v", registered, fields)
	}
}

func TestDescriptionIsServedAsItIs(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	a := w.do(request{method: "GET", path: "openapi.json", header: map[string]string{"Authorization": ""}}).want(200)
	if a.body != string(description) || !json.Valid(description) {
		t.Error("not the description")
	}
}
