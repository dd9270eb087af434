package person

import (
	"slices"
	"strings"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// OtherPosition stands before the free words of a position that is not in the list.
const OtherPosition = "other:"

// Choice is one entry of a controlled list.
type Choice struct {
	Code string // stored
	Key  string // message key of its name
}

// Codes are stored in ciphertexts: add new ones, never change or reuse one.
var (
	workplaceCodes = []string{"kindergarten", "school", "lyceum", "boarding_school", "special_school", "children_home", "college", "university",
		"cpd_institute", "education_department", "extracurricular", "methodical_centre", "support_centre", "private_centre", "other"}
	positionCodes = []string{"teacher", "preschool_teacher", "preschool_methodist", "head", "deputy_head", "methodist", "psychologist",
		"social_pedagogue", "special_pedagogue", "speech_therapist", "assistant", "counsellor", "career_adviser", "extracurricular_teacher",
		"music_leader", "pe_instructor", "college_teacher", "workshop_master", "lecturer", "trainer", "dormitory_educator", "librarian",
		"laboratory_assistant", "official"}
)

// Workplaces lists the kinds of organisation of clause 3.2.6 in the order of the form; keys are "workplace.<code>".
func Workplaces() []Choice { return choices("workplace.", workplaceCodes) }

// Positions lists the positions of clause 3.2.7 in the order of the form; keys are "position.<code>". A position outside
// the list is OtherPosition and free words; the form names that entry by the key "position.other".
func Positions() []Choice { return choices("position.", positionCodes) }

// FreePosition gives the free words of a position that is not in the list.
func FreePosition(v Value) (words string, ok bool) {
	if v.Field() != Position {
		return "", false
	}
	return strings.CutPrefix(v.Reveal(), OtherPosition)
}

func choices(prefix string, codes []string) []Choice {
	out := make([]Choice, len(codes))
	for i, c := range codes {
		out[i] = Choice{Code: c, Key: prefix + c}
	}
	return out
}

func checkWorkplace(s string) (string, *errs.Field) {
	if !slices.Contains(workplaceCodes, s) {
		return "", fault("person.workplace")
	}
	return s, nil
}

func checkPosition(s string) (string, *errs.Field) {
	words, free := strings.CutPrefix(s, OtherPosition)
	if !free {
		if !slices.Contains(positionCodes, s) {
			return "", fault("person.position")
		}
		return s, nil
	}
	words = strings.Join(strings.Fields(words), " ")
	if utf8.RuneCountInString(words) > maxPosition {
		return "", tooLong(maxPosition)
	}
	letters := false
	for _, r := range words {
		switch {
		case scriptOf(r) != noScript:
			letters = true
		case strings.ContainsRune(" 0123456789-–—.,:;/()«»\"'’ʼ№&+", r):
		default:
			return "", badSign(r)
		}
	}
	if !letters {
		return "", fault("person.position.words")
	}
	return OtherPosition + words, nil
}
