package console

import (
	"net/http"

	"ustaz/internal/desk"
	"ustaz/internal/keeper"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// caseViews show the rights desk.
type caseViews struct {
	cases *web.View[casesPage]
	month *web.View[monthPage]
	one   *web.View[casePage]
	acts  *web.View[actsPage]
	days  *web.View[daysPage]
}

func newCaseViews(set *web.Set) caseViews {
	return caseViews{
		cases: web.AddView[casesPage](set, "cases.html"),
		month: web.AddView[monthPage](set, "month.html"),
		one:   web.AddView[casePage](set, "case.html"),
		acts:  web.AddView[actsPage](set, "acts.html"),
		days:  web.AddView[daysPage](set, "days.html"),
	}
}

// attachBody leaves room for a file and the form around it.
const attachBody = desk.MaxFile + 64<<10

func (c *console) caseRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	attach := c.on(post, PathCaseAttach, officers, c.attachToCase)
	attach.MaxBody = attachBody
	return []web.Route{
		c.on(get, PathCases, officers, c.showCases, web.Line("kind"), web.Line("after")),
		c.on(get, PathMonth, officers, c.showMonth, web.Line("month"), web.Line("day")),
		c.on(get, PathClosed, officers, c.showClosed, web.Line("before")),

		c.on(get, PathOnPaper, officers, c.showOnPaper),
		c.on(post, PathOnPaper, officers, c.fresh(c.fileForUnknown)),
		c.on(post, PathPaperFind, officers, c.findForPaper),
		c.on(get, PathPaperPerson, officers, atWork(c.showPaperPerson)),
		c.on(post, PathPaperPerson, officers, atWork(c.fresh(c.filePaperPerson))),
		c.on(get, PathPaperOrder, officers, atWork(c.showPaperOrder)),
		c.on(post, PathPaperOrder, officers, atWork(c.fresh(c.filePaperOrder))),

		c.on(get, PathCase, officers, c.showCase),
		c.on(post, PathCaseWrite, officers, c.writeToParties),
		c.on(post, PathCaseCheck, officers, c.recordCheck),
		attach,
		c.on(get, PathCaseFile, officers, c.sendCaseFile),
		c.on(post, PathCaseCorrect, officers, c.fresh(c.correctFields)),
		c.on(post, PathCaseProof, officers, c.fresh(c.acceptProof)),
		c.on(post, PathCaseAnswer, officers, c.fresh(c.answerCase)),
		c.on(get, PathCaseDestroy, officers, c.askDestroy),
		c.on(post, PathCaseDestroy, officers, c.fresh(c.destroy)),
		c.on(get, PathCaseReceipt, officers, c.sendReceipt),
		c.on(get, PathCaseDocument, officers, c.sendAnswer),
		c.on(post, PathCaseExport, officers, c.fresh(c.exportCase)),
		c.on(get, PathCasePlaces, officers, c.findPlaces, web.Line("q")),
		c.on(get, PathErasures, officers, c.showErasures, web.Line("before")),

		c.on(get, PathClocks, officers, c.showTerms),
		c.on(get, PathTerm, officers, c.showTerm),
		c.on(post, PathTerm, officers, c.fresh(c.editTerm)),
		c.on(post, PathTermReset, officers, c.fresh(c.resetTerm)),
		c.on(get, PathDays, officers, c.showDays, web.Line("year")),
		c.on(post, PathDays, officers, c.fresh(c.setDay)),
		c.on(post, PathDayRemove, officers, c.fresh(c.removeDay)),
	}
}

// officer acts on cases in that role alone, whatever others they hold.
func (v *visit) officer() keeper.Actor { return keeper.Staff(v.Viewer.Subject, policy.Officer) }
