package site

import (
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
	"ustaz/internal/web"
)

// actorNames says who somebody is to a subject: staff by role and initials, systems by name. It asks for each of them once a page.
type actorNames struct {
	a       *accountPages
	r       *web.Request
	members map[person.ID]staff.Member
	systems map[person.ID]string
	courses map[string]string
}

func (a *accountPages) names(r *web.Request) *actorNames {
	return &actorNames{a: a, r: r, members: map[person.ID]staff.Member{}}
}

func (n *actorNames) member(id person.ID) (staff.Member, error) {
	m, known := n.members[id]
	if known {
		return m, nil
	}
	m, _, err := n.a.Staff.Member(n.r.Context(), id) // nobody by that id has neither role nor initials
	if err == nil {
		n.members[id] = m
	}
	return m, err
}

func (n *actorNames) system(id person.ID) (string, error) {
	if n.systems == nil {
		list, err := n.a.Systems.List(n.r.Context())
		if err != nil {
			return "", err
		}
		n.systems = make(map[person.ID]string, len(list))
		for _, s := range list {
			n.systems[s.ID] = s.Name
		}
	}
	return n.systems[id], nil
}

// course is the title of a course, or its address where it was taken away.
func (n *actorNames) course(slug string) (string, error) {
	if title, known := n.courses[slug]; known {
		return title, nil
	}
	title := slug
	c, err := n.a.Study.Course(n.r.Context(), slug)
	switch {
	case err == nil:
		title = c.Words[c.Lang(n.r.Lang.Code())].Title
	case !errs.Is(err, errs.NotFound):
		return "", err
	}
	if n.courses == nil {
		n.courses = map[string]string{}
	}
	n.courses[slug] = title
	return title, nil
}

// who names an actor as the one who did something. role is as what they acted; the zero Role takes the first that a member of staff has.
func (n *actorNames) who(kind ledger.ActorKind, id person.ID, role policy.Role) (string, error) {
	l := n.r.Lang
	switch kind {
	case ledger.BySubject:
		return l.T("role.subject.who"), nil
	case ledger.ByStaff:
		m, err := n.member(id)
		if err != nil {
			return "", err
		}
		if !role.Staff() && len(m.Roles) > 0 {
			role = m.Roles[0]
		}
		if !role.Staff() {
			return l.T("passage.staff"), nil
		}
		return n.named("passage.who.staff", l.T(role.Key()+".who"), m.Initials), nil
	case ledger.BySystem:
		name, err := n.system(id)
		return n.named("passage.who.system", l.T("role.reader.who"), name), err
	case ledger.ByNobody:
		return l.T("passage.nobody"), nil
	}
	return l.T("role.job.who"), nil
}

// named adds a name to what somebody is, if there is one.
func (n *actorNames) named(key, what, name string) string {
	if name == "" {
		return what
	}
	return n.r.T(key, i18n.Str("what", what), i18n.Str("name", name))
}

// ended tells who replaced or removed a value, and when.
func (n *actorNames) ended(p keeper.Past) (string, error) {
	if p.EndedKind == ledger.BySubject {
		return n.r.T("mydata.ended.you", i18n.Moment("at", p.EndedAt)), nil
	}
	who, err := n.who(p.EndedKind, p.EndedBy, 0)
	return n.r.T("mydata.ended.by", i18n.Str("who", who), i18n.Moment("at", p.EndedAt)), err
}

// since tells who set a value and when (2.4); nothing where there is no value.
func (n *actorNames) since(h keeper.Held) (string, error) {
	if h.IsZero() {
		return "", nil
	}
	if h.SetKind == ledger.BySubject {
		return n.r.T("mydata.set.you", i18n.Moment("at", h.SetAt)), nil
	}
	who, err := n.who(h.SetKind, h.SetBy, 0)
	return n.r.T("mydata.set.by", i18n.Str("who", who), i18n.Moment("at", h.SetAt)), err
}
