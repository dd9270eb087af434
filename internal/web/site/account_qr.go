package site

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"

	"ustaz/internal/errs"
)

// qrCode is a QR code as the path of an SVG, drawn on our own page: the secret in it is asked of no other host.
type qrCode struct {
	Size int    // of the drawing, the quiet zone included
	Path string // of the dark modules
}

// quietZone is the empty border that readers need (ISO/IEC 18004), in modules.
const quietZone = 4

func qrOf(content string) (qrCode, error) {
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		return qrCode{}, errs.New(errs.Internal, "error.internal") // the cause would hold the secret
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		red, _, _, _ := code.At(x, y).RGBA()
		return red == 0
	}
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			if !dark(x, y) {
				continue
			}
			run := 1
			for x+run < size && dark(x+run, y) {
				run++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quietZone, y+quietZone, run, run)
			x += run
		}
	}
	return qrCode{Size: size + 2*quietZone, Path: path.String()}, nil
}
