package manifest

import "encoding/json"

// list is a slice that is read without growing: of a hostile file with very many
// empty elements, the room that growing takes would be several times theirs.
type list[T any] []T

// UnmarshalJSON reads an array or null.
func (l *list[T]) UnmarshalJSON(text []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil || raw == nil {
		*l = nil
		return err
	}
	*l = make([]T, len(raw))
	for i, r := range raw {
		if err := json.Unmarshal(r, &(*l)[i]); err != nil {
			return err
		}
	}
	return nil
}
