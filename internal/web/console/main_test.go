package console

import (
	"testing"

	"ustaz/internal/testchrome"
)

func TestMain(m *testing.M) { testchrome.Main(m) }
