package web

import (
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
)

// RubricTable shows by what a work is judged: each criterion with its levels.
func RubricTable(l i18n.Lang, criteria []learning.Criterion) Table {
	t := Table{Caption: l.T("task.rubric"), Columns: []Column{{Label: l.T("task.criterion")}, {Label: l.T("task.levels")}}}
	for _, c := range criteria {
		var levels Text
		for i, level := range c.Levels {
			if i > 0 {
				levels = append(levels, Run{Text: "; "})
			}
			levels = append(levels, Run{Text: l.T("task.level", i18n.Num("n", int64(level.Points)), i18n.Str("text", level.Text))})
		}
		t.Rows = append(t.Rows, []Cell{{Text: Plain(c.Text)}, {Text: levels}})
	}
	return t
}

// JudgedTable shows how a work was judged: for each criterion the level that was reached, its points, and what was said.
func JudgedTable(l i18n.Lang, criteria []learning.Criterion, points []int, said []string) Table {
	t := Table{Caption: l.T("task.judged"), Columns: []Column{{Label: l.T("task.criterion")}, {Label: l.T("task.reached")}, {Label: l.T("task.points")}, {Label: l.T("task.said")}}}
	for i, c := range criteria {
		reached := ""
		for _, level := range c.Levels {
			if level.Points == points[i] {
				reached = level.Text
			}
		}
		t.Rows = append(t.Rows, []Cell{{Text: Plain(c.Text)}, {Text: Plain(reached)}, {Text: Plain(l.T("task.points.of", i18n.Num("n", int64(points[i])), i18n.Num("of", int64(c.Points()))))},
			{Text: Plain(said[i])}})
	}
	return t
}
