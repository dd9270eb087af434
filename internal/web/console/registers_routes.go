package console

import (
	"slices"

	"ustaz/internal/web"
)

// registerViews show what the operator keeps for inspection.
type registerViews struct {
	breach      *web.View[breachPage]
	kept        *web.View[keptPage]
	permission  *web.View[permissionPage]
	certificate *web.View[certPage]
	registers   *web.View[registersPage]
	dataMap     *web.View[mapPage]
	clausesKept *web.View[clausesPage]
}

func newRegisterViews(set *web.Set) registerViews {
	return registerViews{
		breach:      web.AddView[breachPage](set, "breach.html"),
		kept:        web.AddView[keptPage](set, "kept.html"),
		permission:  web.AddView[permissionPage](set, "permission.html"),
		certificate: web.AddView[certPage](set, "certificate.html"),
		registers:   web.AddView[registersPage](set, "registers.html"),
		dataMap:     web.AddView[mapPage](set, "datamap.html"),
		clausesKept: web.AddView[clausesPage](set, "clauses.html"),
	}
}

func (c *console) inspectionRoutes() []web.Route {
	return slices.Concat(c.breachRoutes(), c.keptRoutes(), c.publicRoutes(), c.certificateRoutes(), c.registerRoutes())
}
