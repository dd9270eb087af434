package common

import (
	"bytes"
	"testing"
)

func TestListIsWhole(t *testing.T) {
	if len(list)%Width != 0 || len(list)/Width < 480_000 {
		t.Fatalf("the list has %d bytes", len(list))
	}
	for i := Width; i < len(list); i += Width {
		if list[i-Width:i] >= list[i:i+Width] {
			t.Fatalf("not sorted, or twice, at %d", i/Width)
		}
	}
}

func TestHas(t *testing.T) {
	for plain, want := range map[string]bool{
		"password": true, "PassWord": true, "1234567890": true, "qwertyuiop": true, // public
		"Қазақстан": true, "qazaqstan": false, "kazakstan2020": true, "мұғалім123": true, "мұғалімім": false, // ours
		"letmein": false, // too short to be in the list
		"қызыл тиін көпірден өтті": false, "": false,
	} {
		if Has(Fold(plain)) != want {
			t.Errorf("Has(%q) is %v", plain, !want)
		}
	}
}

func TestFold(t *testing.T) {
	if Fold("И\u0306") != Fold("й") || Fold("ҚАЗАҚ") != "қазақ" {
		t.Error("composition or case makes a difference")
	}
}

func TestLatin(t *testing.T) {
	if got := Latin("әғқңөұүһі щюя"); got != "agknouuhi shchyuya" {
		t.Errorf("got %q", got)
	}
}

func TestPack(t *testing.T) {
	packed := Pack([]string{"шшшшшшшш", "aaaaaaaa", "aaaaaaaa", "short", "семьсот"})
	if len(packed) != 2*Width || bytes.Compare(packed[:Width], packed[Width:]) >= 0 {
		t.Errorf("want two fingerprints in order, got %x", packed)
	}
}
