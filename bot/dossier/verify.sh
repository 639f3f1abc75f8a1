#!/bin/sh
# Controleert een dossier van Weegwijzer zonder Weegwijzer. Nodig: sh, sha256sum, openssl 3.0 of nieuwer,
# sed, cut, base64, od, mkdir, rm. Geen netwerk. Schrijft alleen in een eigen map onder TMPDIR.
#
#   cd dossier-IL-2026-0042
#   sh verify.sh SLEUTELPRINT [CONTROLEGETAL...]
#
# SLEUTELPRINT    de gepubliceerde SHA-256 van de sleutel (DER), ten minste de eerste 16 tekens
# CONTROLEGETAL   wat buiten dit dossier is bewaard: op de advieskaart, bij het afsluiten, bij de uitgifte
#
# Zegt een regel. Eindigt met 0: in orde, 1: niet in orde, 2: verkeerd gebruik.
set -u
LC_ALL=C
export LC_ALL
umask 077
nl='
'

bad() { echo "NIET IN ORDE: $1"; exit 1; }
wrong() { echo "VERKEERD GEBRUIK: $1"; exit 2; }
hex() { joined=; for byte in $(od -An -v -tx1); do joined=$joined$byte; done; printf %s "$joined"; }
octal() { joined=; for byte in $(od -An -v -to1 "$@"); do joined=$joined\\$byte; done; printf %s "$joined"; }
is_base64() { [ "$(printf %s "$1" | base64 -d 2>/dev/null | openssl base64 -A)" = "$1" ]; }
is_signed() { openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in "$1" -sigfile "$2" >/dev/null 2>&1; }

[ $# -ge 1 ] || wrong "sh verify.sh SLEUTELPRINT [CONTROLEGETAL...]"
for print in "$@"; do
  case $print in *[!0-9a-f]*) wrong "een print bestaat uit de tekens 0-9 en a-f" ;; esac
  [ ${#print} -ge 16 ] && [ ${#print} -le 64 ] || wrong "een print heeft 16 tot 64 tekens"
done
for tool in sha256sum openssl sed cut base64 od mkdir rm; do
  command -v "$tool" >/dev/null || wrong "het programma $tool ontbreekt"
done
published=$1
shift
tmp=${TMPDIR:-/tmp}/verify-dossier.$$
mkdir "$tmp" || wrong "er kan niet in ${TMPDIR:-/tmp} worden geschreven"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' HUP INT TERM

for file in MANIFEST.sha256 MANIFEST.sig key.pem checkpoint.txt heads.jsonl; do
  [ -f "$file" ] && [ ! -h "$file" ] || bad "$file ontbreekt, of is geen gewoon bestand"
done

# 1. De sleutel is de gepubliceerde: een Ed25519-sleutel, en de SHA-256 van zijn DER-vorm.
rest=
{ IFS= read -r first && IFS= read -r key && IFS= read -r last && ! IFS= read -r rest; } < key.pem
[ $? -eq 0 ] && [ -z "$rest" ] && [ "$first" = '-----BEGIN PUBLIC KEY-----' ] \
  && [ "$last" = '-----END PUBLIC KEY-----' ] && is_base64 "$key" || bad "stap 1: key.pem is niet een sleutel"
case $(printf %s "$key" | base64 -d 2>/dev/null | hex) in
  302a300506032b6570032100*) ;;
  *) bad "stap 1: key.pem is geen Ed25519-sleutel" ;;
esac
case $(printf %s "$key" | base64 -d | sha256sum) in
  "$published"*) ;;
  *) bad "stap 1: key.pem is niet de gepubliceerde sleutel" ;;
esac

# 2. De lijst van bestanden is met die sleutel ondertekend.
is_signed MANIFEST.sha256 MANIFEST.sig || bad "stap 2: de handtekening onder MANIFEST.sha256 klopt niet"

# 3 en 4. Elk bestand is wat de lijst zegt, niets ontbreekt of kwam erbij, en niets is een koppeling.
[ -z "$(sed -n '/^[0-9a-f]\{64\}  [A-Za-z0-9._/-][A-Za-z0-9._/-]*$/!p' MANIFEST.sha256)" ] \
  || bad "stap 3: MANIFEST.sha256 is geen lijst van bestanden"
list=$(sed '' MANIFEST.sha256)$nl
listed=0
while read -r sum name; do
  listed=$((listed + 1))
  case /$name/ in */../* | */./* | *//*) bad "stap 4: de lijst noemt een bestand buiten het dossier" ;; esac
done < MANIFEST.sha256
found=0
bodies=0
walk() {
  for file in "$1"* "$1".[!.]* "$1"..?*; do
    [ -e "$file" ] || [ -h "$file" ] || continue
    case $file in *[!A-Za-z0-9._/-]*) bad "stap 4: er is een naam die een dossier niet kan hebben" ;; esac
    [ ! -h "$file" ] || bad "stap 4: $file is een koppeling"
    if [ -d "$file" ]; then
      walk "$file/"
      continue
    fi
    [ -f "$file" ] || bad "stap 4: $file is geen gewoon bestand"
    case $file in
      MANIFEST.sha256 | MANIFEST.sig) continue ;;
      bodies/*) bodies=$((bodies + 1)) ;;
    esac
    case $nl$list in *"  $file$nl"*) ;; *) bad "stap 4: $file staat niet in MANIFEST.sha256" ;; esac
    found=$((found + 1))
  done
}
walk ""
[ "$found" -eq "$listed" ] || bad "stap 4: MANIFEST.sha256 noemt $listed bestanden, er zijn er $found"
sha256sum -c MANIFEST.sha256 >/dev/null 2>&1 || bad "stap 3: een bestand is veranderd sinds het is ondertekend"

# 5. Het ondertekende briefje (C2SP signed-note) is van dezelfde sleutel; regels van anderen tellen niet mee.
signature=
{
  IFS= read -r name
  IFS= read -r size
  IFS= read -r head
  IFS= read -r form
  IFS= read -r blank
  origin=${name%%/dossier/*}
  while IFS= read -r line; do
    case $line in "— $origin "*) signature=${line#"— $origin "} ;; esac
  done
} < checkpoint.txt
case $origin in '' | *[!A-Za-z0-9.:_-]*) bad "stap 5: checkpoint.txt heeft niet de juiste vorm" ;; esac
[ "$form" = keten-sha256-v1 ] && [ -z "$blank" ] || bad "stap 5: checkpoint.txt heeft niet de juiste vorm"
[ ${#signature} -eq 92 ] && is_base64 "$signature" || bad "stap 5: checkpoint.txt is niet door $origin ondertekend"
key_id=$({ printf '%s\n\001' "$origin"; printf "$(printf %s "$key" | base64 -d | octal -j12)"; } | sha256sum | cut -c1-8)
[ "$(printf %s "$signature" | base64 -d 2>/dev/null | hex | cut -c1-8)" = "$key_id" ] \
  || bad "stap 5: checkpoint.txt is met een andere sleutel ondertekend"
printf '%s\n%s\n%s\n%s\n' "$name" "$size" "$head" "$form" > "$tmp/note"
printf "$(printf %s "$signature" | base64 -d | octal -j4)" > "$tmp/signature"
is_signed "$tmp/note" "$tmp/signature" || bad "stap 5: de handtekening van checkpoint.txt klopt niet"

# 6. Elke regel van heads.jsonl noemt de SHA-256 van de regel ervoor en die van de inhoud (bodies/).
hash='"[0-9a-f]\{64\}"'
pattern='^{"at":"[0-9TZ:.-]*","body":'$hash',"case":"[A-Za-z0-9._-]*","key":'$hash',"kind":"[a-z._]*","prev":'$hash',"seq":[1-9][0-9]*,"v":1}$'
[ -z "$(sed -n "/$pattern/!p" heads.jsonl)" ] || bad "stap 6: heads.jsonl heeft niet de juiste vorm"
case=${name#"$origin"/dossier/}
prev=0000000000000000000000000000000000000000000000000000000000000000
n=0
present=0
left_out=
shown=
hits=0
line=
while IFS= read -r line; do
  n=$((n + 1))
  case $line in
    *'","case":"'"$case"'","key":"'*'","prev":"'"$prev"'","seq":'"$n"',"v":1}') ;;
    *) bad "stap 6: gebeurtenis $n volgt niet op de vorige, of hoort niet bij zaak $case" ;;
  esac
  body=${line#*'","body":"'}
  file=bodies/$(printf %06d "$n").json
  if [ -e "$file" ]; then
    present=$((present + 1))
    case $nl$list in
      *"$nl${body%%\"*}  $file$nl"*) ;;
      *) bad "stap 6: de inhoud van gebeurtenis $n is niet die van toen" ;;
    esac
  else
    left_out="$left_out $n"
  fi
  prev=$(printf %s "$line" | sha256sum)
  prev=${prev%% *}
  for print in "$@"; do
    case $prev in "$print"*) shown="$shown; $print hoort bij gebeurtenis $n" hits=$((hits + 1)) ;; esac
  done
done < heads.jsonl
[ -z "$line" ] || bad "stap 6: heads.jsonl eindigt midden in een regel"
[ "$present" -eq "$bodies" ] || bad "stap 6: in bodies/ staat iets dat bij geen gebeurtenis hoort"

# 7. Het briefje gaat over deze keten, en over de hele keten.
[ "$size" = "$n" ] || bad "stap 7: checkpoint.txt gaat over $size gebeurtenissen, er zijn er $n"
[ "$(printf %s "$head" | base64 -d 2>/dev/null | hex)" = "$prev" ] || bad "stap 7: checkpoint.txt gaat over een andere keten"

# 8. Elk controlegetal van buiten komt in deze keten voor.
[ "$hits" -eq $# ] || bad "stap 8: een controlegetal hoort bij geen gebeurtenis: dit is een ander of een ouder dossier"

[ -z "$left_out" ] || shown="$shown; de inhoud is weggelaten van gebeurtenis$left_out"
echo "IN ORDE: zaak $case, $n gebeurtenissen, controlegetal $(printf %s "$prev" | cut -c1-16)$shown"
