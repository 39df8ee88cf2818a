# shellcheck shell=bash
# Sourced by scripts that run a list of checks and go on after a failure:
#
#   step "what is checked" COMMAND [ARGUMENT ...]
#   finish NAME
#
# A command that exits with $skip could not run for want of a dependency, which
# it has to name; one that exits with $unknown has no answer for a reason
# outside of this machine. finish prints the closing line and exits.

skip=77
unknown=78
passed=0
failed=()
skipped=()
unanswered=()

step() {
	local name=$1 begin=$SECONDS code=0 end=passed
	shift
	printf '\n== %s\n' "$name"
	# In a subshell of its own and outside of any condition, so that `set -e`
	# ends a function at its first failing command.
	set +e
	(
		set -e
		"$@"
	)
	code=$?
	set -e
	case $code in
	0) passed=$((passed + 1)) ;;
	"$skip") end=SKIPPED && skipped+=("$name") ;;
	"$unknown") end='NOT ANSWERED' && unanswered+=("$name") ;;
	*) end="FAILED with exit status $code" && failed+=("$name") ;;
	esac
	printf -- '-- %s: %s, %d s\n' "$name" "$end" $((SECONDS - begin))
}

# listed PREFIX NAME ...: one line for each name.
listed() {
	local name
	for name in "${@:2}"; do
		printf '%s: %s\n' "$1" "$name"
	done
}

finish() {
	printf '\n'
	listed FAILED ${failed[@]+"${failed[@]}"}
	listed 'SKIPPED, a dependency is missing' ${skipped[@]+"${skipped[@]}"}
	listed 'NOT ANSWERED, see above' ${unanswered[@]+"${unanswered[@]}"}
	local line="$1: $passed passed, ${#failed[@]} failed"
	if [ ${#skipped[@]} -gt 0 ]; then
		line+=", ${#skipped[@]} skipped"
	fi
	printf '%s\n' "$line"
	exit $((${#failed[@]} > 0))
}
