package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/attachment"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/quiz"
	"ustaz/internal/web"
)

// Addresses of the file that answers a question of a test.
const (
	PathAnswerFile       = "/{lang}/my/tests/{attempt}/{place}/file"
	PathAnswerFileRemove = "/{lang}/my/tests/{attempt}/{place}/file/remove"
)

// withFiles gives questions, by place, the files that answer them.
func (a *accountPages) withFiles(v *sitting, shown map[int]*web.Asked) error {
	wanted := false
	for _, asked := range shown {
		wanted = wanted || asked.Kind == quiz.File
	}
	if !wanted {
		return nil
	}
	files, err := a.Exams.Files(v.Context(), v.a, v.s.Once("tests"))
	for place, asked := range shown {
		if f, there := files[place]; there {
			asked.File = askedFile(v.Lang, f, v.at(place)+"/file")
		}
	}
	return err
}

func askedFile(l i18n.Lang, f attachment.File, href string) *web.AskedFile {
	return &web.AskedFile{Name: f.Name.Reveal(), Href: href, Size: learning.SizeWords(l, f.Size)}
}

// offerFile adds the form by which a file answers a question.
func (a *accountPages) offerFile(v *sitting, p *questionPage, place int, fault error) {
	if p.Asked.Kind != quiz.File {
		return
	}
	p.Sheet = fileSheet(v.Request, v.at(place)+"/file", exam.FileEndings(), learning.MaxTaskSize)
	if fault != nil && p.Sheet.Show(fault, web.Form{}) {
		p.Notices = nil // it stands with the form
	}
	if p.Asked.File != nil {
		p.Remove = &web.Post{Action: v.at(place) + "/file/remove", Button: web.Button{Text: v.T("task.file.remove"), Style: web.Bare}}
	}
}

// saveAnswerFile takes a file as the answer to a question.
func (a *accountPages) saveAnswerFile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, place, err := a.place(r, s)
	if err != nil {
		return err
	}
	if v.a.State != exam.Running {
		return r.SeeOther(w, r.Path(PathAttempt, "attempt", v.a.ID.String()), "")
	}
	part, err := oneFile(r, learning.MaxTaskSize<<20)
	if err == nil {
		err = a.Exams.SaveFile(r.Context(), s.Subject, v.a.ID, v.a.Course, place, v.lang(), part.Name, part)
	}
	switch err = onFile(err); {
	case errs.Is(err, errs.Gone), errs.Is(err, errs.Conflict):
		return r.SeeOther(w, r.Path(PathAttempt, "attempt", v.a.ID.String()), "")
	case errs.Is(err, errs.Invalid) && len(errs.As(err).Fields) > 0:
		return a.sendQuestion(w, v, place, web.Form{}, err)
	case err != nil:
		return err
	}
	return r.SeeOther(w, v.at(place), "task_file_added")
}

func (a *accountPages) removeAnswerFile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	v, place, err := a.place(r, s)
	if err == nil {
		err = a.Exams.RemoveFile(r.Context(), s.Subject, v.a.ID, v.a.Course, place)
	}
	if err != nil {
		return err
	}
	return r.SeeOther(w, v.at(place), "task_file_removed")
}

func (a *accountPages) sendAnswerFile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, place, err := a.place(r, s)
	if err != nil {
		return err
	}
	f, contents, err := a.Exams.File(r.Context(), s.Subject, v.a.ID, place, s.Once("tests"))
	if err != nil {
		return err
	}
	return r.File(w, f.Name.Reveal(), f.Type, contents)
}
