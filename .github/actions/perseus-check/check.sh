#!/usr/bin/env bash
# Runs perseus check for action.yml: the outcome goes to the summary of the job and, as one comment that later runs
# replace, to the pull request. Ends with the exit code of the check.
set -uo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
comment=$folder/comment.md
marker="<!-- perseus check $EXPECTATIONS -->"

junit=()
if [ -n "${JUNIT:-}" ]; then junit=(--junit "$JUNIT"); fi
# Options are words apart by blanks.
read -r -a options <<<"${OPTIONS:-}"
node "$PERSEUS" check "$EXPECTATIONS" --markdown ${junit[@]+"${junit[@]}"} ${options[@]+"${options[@]}"} \
  >"$folder/outcome.md" 2> >(tee "$folder/messages.txt" >&2)
code=$?

{
  echo "$marker"
  if [ -s "$folder/outcome.md" ]; then
    cat "$folder/outcome.md"
  else
    echo "#### perseus check: not run"
    echo '```text'
    cat "$folder/messages.txt"
    echo '```'
  fi
} >"$comment"
cat "$comment" >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}"

if [ -n "${PULL_REQUEST:-}" ]; then
  comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
  # A comment that cannot be written does not hide the outcome.
  id=$(gh api "$comments" --paginate --jq ".[] | select(.body | startswith(\"$marker\")) | .id" | head -n 1) || id=
  if [ -n "$id" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$comment"
  else
    gh api --silent --method POST "$comments" --field "body=@$comment"
  fi || echo '::warning::the comment could not be written; the job needs "pull-requests: write"'
fi
exit "$code"
