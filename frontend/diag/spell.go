package diag

import (
	"strings"
)

// Nearest returns the candidate that a misspelt word was most likely meant to
// be, or "" if none is near: at most one edit for each three letters begun,
// where swapping two neighbours is one edit and case does not count. Of equally
// near candidates the first wins.
func Nearest(word string, candidates []string) string {
	limit := (len([]rune(word)) + 2) / 3
	best, bestDistance := "", limit+1
	lower := strings.ToLower(word)
	for _, c := range candidates {
		if c == word || c == "" {
			continue
		}
		if d := editDistance(lower, strings.ToLower(c), bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours that turn a into b. It gives up at limit and returns limit then.
func editDistance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if abs(len(x)-len(y)) >= limit {
		return limit
	}
	// Three rows of the usual table suffice: swaps look two rows back.
	prev2, prev, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+differ(x[i-1], y[j-1]))
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return min(prev[len(y)], limit)
}

func differ(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}

func abs(n int) int { return max(n, -n) }
