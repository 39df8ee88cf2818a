package batch

import "testing"

// TestTable: what is in a table stays where it is as the table grows, either way.
func TestTable(t *testing.T) {
	var table table
	rows, columns := 1, 1
	for range 8 {
		for _, grow := range []*int{&rows, &columns} {
			*grow += 3
			if !table.fit(rows, columns, 1<<12) {
				t.Fatalf("no room for %d x %d", rows, columns)
			}
			*table.cell(uint16(rows-1), uint16(columns-1)) = uint16(100*rows + columns)
			filled := 0
			for a := range rows {
				for b := range columns {
					if *table.cell(uint16(a), uint16(b)) != none {
						filled++
					}
				}
			}
			if want := uint16(100*rows + columns); *table.cell(uint16(rows-1), uint16(columns-1)) != want || filled != (rows+columns-2)/3 {
				t.Errorf("%d x %d: %d cells are filled", rows, columns, filled)
			}
		}
	}
	if *table.cell(3, 0) != 401 || *table.cell(3, 3) != 404 {
		t.Errorf("the first cells hold %d and %d", *table.cell(3, 0), *table.cell(3, 3))
	}
	if before := len(table.cells); table.fit(1<<12, columns, 1<<12) || len(table.cells) != before {
		t.Error("a table grows beyond its limit")
	}
}
