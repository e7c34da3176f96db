#compdef otp

autoload -U is-at-least

_otp() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_otp_commands" \
"*::: :->otp" \
&& ret=0
    case $state in
    (otp)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:otp-command-$line[1]:"
        case $line[1] in
            (code)
_arguments "${_arguments_options[@]}" : \
'(--counter)--at=[Unix time in seconds \[default\: now\]]:UNIX:_default' \
'--counter=[Use HOTP with this counter \[default for a hotp URI\: what it says\]]:N:_default' \
'(--counter)--t0=[Unix time in seconds at which step 0 begins; negative for a device that shows local time\: -32400 in Japan, 9 hours ahead \[default\: 0\]]:UNIX:_default' \
'(--counter)--period=[Length of a time step in seconds \[default\: 30\]]:S:_default' \
'--digits=[Digits of a code, 6 to 10 \[default\: 6\]]:N:_default' \
'--algorithm=[SHA1, SHA256 or SHA512 \[default\: SHA1\]]:A:_default' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--hex[The secret is in hexadecimal, not in Base32]' \
'-h[Print help]' \
'--help[Print help]' \
':secret -- The shared secret in Base32, or a key URI; `-` reads it from standard input, out of the process list:_default' \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
'(--counter)--at=[Unix time in seconds \[default\: now\]]:UNIX:_default' \
'--counter=[Use HOTP with this counter \[default for a hotp URI\: what it says\]]:N:_default' \
'(--counter)--t0=[Unix time in seconds at which step 0 begins; negative for a device that shows local time\: -32400 in Japan, 9 hours ahead \[default\: 0\]]:UNIX:_default' \
'(--counter)--period=[Length of a time step in seconds \[default\: 30\]]:S:_default' \
'--digits=[Digits of a code, 6 to 10 \[default\: 6\]]:N:_default' \
'--algorithm=[SHA1, SHA256 or SHA512 \[default\: SHA1\]]:A:_default' \
'(--counter)--past=[Time steps back whose codes are accepted too, 0 to 100 \[default\: 1\]]:N:_default' \
'(--counter)--future=[Time steps ahead whose codes are accepted too, 0 to 100 \[default\: 1\]]:N:_default' \
'--look-ahead=[Counters after the given one that are tried too, 0 to 100 \[default\: 10\]]:N:_default' \
'--state=[Accept each code once and slow guesses down, with a state in this file, made when absent\: also \`replayed\`, \`locked until=UNIX\` and \`disabled\`, with status 1]:FILE:_files' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--hex[The secret is in hexadecimal, not in Base32]' \
'-h[Print help]' \
'--help[Print help]' \
':secret -- The shared secret in Base32, or a key URI; `-` reads it from standard input, out of the process list:_default' \
':code -- What was typed:_default' \
&& ret=0
;;
(inspect)
_arguments "${_arguments_options[@]}" : \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--json[One JSON object a line, with the secret in hexadecimal]' \
'--strict[Refuse what the specification does not allow, such as padding or a short secret]' \
'--null[URIs on standard input are separated by zero bytes, not by line feeds]' \
'--show-secret[Show the secret in the listing]' \
'-h[Print help]' \
'--help[Print help]' \
':uri -- A key URI; `-` reads many from standard input, one a line, and answers each in its order:_default' \
&& ret=0
;;
(import)
_arguments "${_arguments_options[@]}" : \
'--states=[Also write the state of each token, from which \`verify --state\` starts, to FOLDER/SERIAL.state. A state that is there stays as it is. Letters and digits of ASCII, \`-\`, \`_\` and \`.\` stay as they are in the name, and every other byte becomes %XX. So does the first one if it is \`-\` or \`.\`, or begins a name that Windows reserves. A token is refused if it does not have a serial number, or if another token has the same one]:FOLDER:_files' \
'--output=[Write the keys to this file, which only its owner can read. It is written as a whole; \`-\` is standard output]:FILE:_files' \
'--from=[The format of the file \[default\: what its content shows\]]:NAME:((uris\:"Key URIs, one a line"
google\:"\`otpauth-migration\://\` of Google Authenticator, one a line"
pskc\:"PSKC (RFC 6030)"
csv\:"CSV of hardware tokens"
aegis\:"Aegis, plain JSON"
2fas\:"2FAS, a backup without a password"
proton\:"Proton Authenticator or Proton Pass, plain JSON or CSV"
bitwarden\:"Bitwarden or Bitwarden Authenticator, plain JSON or CSV"
ente\:"Ente Auth, plain text"
andotp\:"andOTP, plain JSON"))' \
'(--passphrase-file)--key=[The key of an encrypted PSKC file\: this file has it in hexadecimal]:HEX-FILE:_files' \
'--passphrase-file=[The passphrase of an encrypted PSKC file\: this file has it in its first line. Blanks at the end do not count]:FILE:_files' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--json[One JSON object a line, with the secret in hexadecimal. The object of a hardware token also has the serial number, the drift, the last step and the policy\: \`start_date\`, \`expiry_date\`, \`number_of_transactions\` and \`pin_policy\`]' \
'--without-mac[Accept encrypted values of a PSKC file that do not have a MAC]' \
'--totp[Tokens of a CSV file are time-based if the file does not say what they are]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- The file of keys; `-` is standard input:_files' \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
'--svg=[Write the QR codes into this folder, as 001.svg and so on. They show the secrets]:FOLDER:_files' \
'--from=[The format of the file \[default\: what its content shows\]]:NAME:((uris\:"Key URIs, one a line"
google\:"\`otpauth-migration\://\` of Google Authenticator, one a line"
pskc\:"PSKC (RFC 6030)"
csv\:"CSV of hardware tokens"
aegis\:"Aegis, plain JSON"
2fas\:"2FAS, a backup without a password"
proton\:"Proton Authenticator or Proton Pass, plain JSON or CSV"
bitwarden\:"Bitwarden or Bitwarden Authenticator, plain JSON or CSV"
ente\:"Ente Auth, plain text"
andotp\:"andOTP, plain JSON"))' \
'(--passphrase-file)--key=[The key of an encrypted PSKC file\: this file has it in hexadecimal]:HEX-FILE:_files' \
'--passphrase-file=[The passphrase of an encrypted PSKC file\: this file has it in its first line. Blanks at the end do not count]:FILE:_files' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--google[Exports for Google Authenticator, with up to ten accounts in each QR code]' \
'(--svg)--text[Print what the QR codes say, and no QR codes]' \
'--without-mac[Accept encrypted values of a PSKC file that do not have a MAC]' \
'--totp[Tokens of a CSV file are time-based if the file does not say what they are]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- The file of keys; `-` is standard input:_files' \
&& ret=0
;;
(find)
_arguments "${_arguments_options[@]}" : \
'--at=[Unix time in seconds \[default\: now\]]:UNIX:_default' \
'--past=[Time steps or counters before the expected one that are looked at too, 0 to 100]:N:_default' \
'--future=[Time steps or counters after the expected one that are looked at too, 0 to 100]:N:_default' \
'--from=[The format of the file \[default\: what its content shows\]]:NAME:((uris\:"Key URIs, one a line"
google\:"\`otpauth-migration\://\` of Google Authenticator, one a line"
pskc\:"PSKC (RFC 6030)"
csv\:"CSV of hardware tokens"
aegis\:"Aegis, plain JSON"
2fas\:"2FAS, a backup without a password"
proton\:"Proton Authenticator or Proton Pass, plain JSON or CSV"
bitwarden\:"Bitwarden or Bitwarden Authenticator, plain JSON or CSV"
ente\:"Ente Auth, plain text"
andotp\:"andOTP, plain JSON"))' \
'(--passphrase-file)--key=[The key of an encrypted PSKC file\: this file has it in hexadecimal]:HEX-FILE:_files' \
'--passphrase-file=[The passphrase of an encrypted PSKC file\: this file has it in its first line. Blanks at the end do not count]:FILE:_files' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--without-mac[Accept encrypted values of a PSKC file that do not have a MAC]' \
'--totp[Tokens of a CSV file are time-based if the file does not say what they are]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':code -- What the token shows:_default' \
':file -- The file of keys; `-` is standard input:_files' \
&& ret=0
;;
(resync)
_arguments "${_arguments_options[@]}" : \
'(--counter)--at=[Unix time in seconds \[default\: now\]]:UNIX:_default' \
'--counter=[Use HOTP with this counter \[default for a hotp URI\: what it says\]]:N:_default' \
'(--counter)--t0=[Unix time in seconds at which step 0 begins; negative for a device that shows local time\: -32400 in Japan, 9 hours ahead \[default\: 0\]]:UNIX:_default' \
'(--counter)--period=[Length of a time step in seconds \[default\: 30\]]:S:_default' \
'--digits=[Digits of a code, 6 to 10 \[default\: 6\]]:N:_default' \
'--algorithm=[SHA1, SHA256 or SHA512 \[default\: SHA1\]]:A:_default' \
'--state=[The file of \`verify --state\`, made when absent]:FILE:_files' \
'(--counter)--hours=[How many hours the clock may be off, either way, 1 to 24 \[default\: 65 minutes\]]:N:_default' \
'--counters=[How many counters the token may be ahead, 1 to 1000 \[default\: 100\]]:N:_default' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--hex[The secret is in hexadecimal, not in Base32]' \
'-h[Print help]' \
'--help[Print help]' \
':secret -- The shared secret in Base32, or a key URI; `-` reads it from standard input, out of the process list:_default' \
'*::codes -- Two or three codes that the token shows one after the other:_default' \
&& ret=0
;;
(state)
_arguments "${_arguments_options[@]}" : \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
":: :_otp__subcmd__state_commands" \
"*::: :->state" \
&& ret=0

    case $state in
    (state)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:otp-state-command-$line[1]:"
        case $line[1] in
            (show)
_arguments "${_arguments_options[@]}" : \
'--at=[Unix time in seconds, for the wait \[default\: now\]]:UNIX:_default' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
':file -- The file of the state:_files' \
&& ret=0
;;
(unlock)
_arguments "${_arguments_options[@]}" : \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--enable[Enable it too, if it is disabled]' \
'-h[Print help]' \
'--help[Print help]' \
':file -- The file of the state:_files' \
&& ret=0
;;
(repair)
_arguments "${_arguments_options[@]}" : \
'--at=[Unix time in seconds \[default\: now\]]:UNIX:_default' \
'--t0=[Unix time in seconds at which step 0 begins, as for \`verify\` \[default\: 0\]]:UNIX:_default' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
':file -- The file of the state:_files' \
&& ret=0
;;
(migrate)
_arguments "${_arguments_options[@]}" : \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
':file -- The file of the state:_files' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_otp__subcmd__state__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:otp-state-help-command-$line[1]:"
        case $line[1] in
            (show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(unlock)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(repair)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(migrate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(recovery)
_arguments "${_arguments_options[@]}" : \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
":: :_otp__subcmd__recovery_commands" \
"*::: :->recovery" \
&& ret=0

    case $state in
    (recovery)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:otp-recovery-command-$line[1]:"
        case $line[1] in
            (new)
_arguments "${_arguments_options[@]}" : \
'--user=[Whose codes they are, 1 to 255 bytes\: a set of one user is worth nothing to another]:ID:_default' \
'--pepper-file=[At least 32 hexadecimal digits, kept apart from the set; \`openssl rand -hex 32\` writes them]:FILE:_files' \
'--set=[Where the hashes are stored]:FILE:_files' \
'--count=[How many, 1 to 32]:N:_default' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'--digits[Codes of 36 decimal digits, for a keypad without letters \[default\: 24 letters and digits\]]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(redeem)
_arguments "${_arguments_options[@]}" : \
'--user=[Whose codes they are, 1 to 255 bytes\: a set of one user is worth nothing to another]:ID:_default' \
'--pepper-file=[At least 32 hexadecimal digits, kept apart from the set; \`openssl rand -hex 32\` writes them]:FILE:_files' \
'--set=[Where the hashes are stored]:FILE:_files' \
'--state=[Slow guesses down with the state of \`verify --state\`, made when absent]:FILE:_files' \
'--at=[Unix time in seconds \[default\: now\]]:UNIX:_default' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
':code -- What was typed:_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_otp__subcmd__recovery__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:otp-recovery-help-command-$line[1]:"
        case $line[1] in
            (new)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(redeem)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(enroll)
_arguments "${_arguments_options[@]}" : \
'--issuer=[Who issues the key]:I:_default' \
'--account=[Whose account it is]:A:_default' \
'--algorithm=[SHA1, SHA256 or SHA512; many apps only read SHA1 \[default\: SHA1\]]:A:_default' \
'--svg=[Also write the QR code to this file, as SVG. It shows the secret]:FILE:_files' \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
':shell -- The shell:(bash zsh fish powershell elvish)' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'--color=[Colours of messages on standard error\: auto is for terminals, unless \`NO_COLOR\` is set]:WHEN:(auto always never)' \
'-h[Print help]' \
'--help[Print help]' \
'*::command -- The command, such as `verify` or `state show` \[default\: the tool itself\]:_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_otp__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:otp-help-command-$line[1]:"
        case $line[1] in
            (code)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(inspect)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(import)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(find)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(resync)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(state)
_arguments "${_arguments_options[@]}" : \
":: :_otp__subcmd__help__subcmd__state_commands" \
"*::: :->state" \
&& ret=0

    case $state in
    (state)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:otp-help-state-command-$line[1]:"
        case $line[1] in
            (show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(unlock)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(repair)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(migrate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(recovery)
_arguments "${_arguments_options[@]}" : \
":: :_otp__subcmd__help__subcmd__recovery_commands" \
"*::: :->recovery" \
&& ret=0

    case $state in
    (recovery)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:otp-help-recovery-command-$line[1]:"
        case $line[1] in
            (new)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(redeem)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(enroll)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_otp_commands] )) ||
_otp_commands() {
    local commands; commands=(
'code:Print the code of a time or a counter, and nothing else' \
'verify:Check a code\: \`accepted …\` and status 0, or \`rejected\` and status 1' \
'inspect:Show what a key URI says' \
'import:Read a file of keys in any format\: a key URI for each' \
'export:Show the QR codes of a file of keys, for an authenticator app' \
'find:Find which of many keys has made a code' \
'resync:Set a token right whose clock or counter has gone too far, by its next codes' \
'state:Show or change the file of \`verify --state\`' \
'recovery:Make recovery codes, and use one up' \
'enroll:Make a new secret\: its key URI, its symbols for typing, and its QR code' \
'completions:Print the completions of a shell, for its configuration' \
'man:Print a man page, for \`man -l -\`' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'otp commands' commands "$@"
}
(( $+functions[_otp__subcmd__code_commands] )) ||
_otp__subcmd__code_commands() {
    local commands; commands=()
    _describe -t commands 'otp code commands' commands "$@"
}
(( $+functions[_otp__subcmd__completions_commands] )) ||
_otp__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'otp completions commands' commands "$@"
}
(( $+functions[_otp__subcmd__enroll_commands] )) ||
_otp__subcmd__enroll_commands() {
    local commands; commands=()
    _describe -t commands 'otp enroll commands' commands "$@"
}
(( $+functions[_otp__subcmd__export_commands] )) ||
_otp__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'otp export commands' commands "$@"
}
(( $+functions[_otp__subcmd__find_commands] )) ||
_otp__subcmd__find_commands() {
    local commands; commands=()
    _describe -t commands 'otp find commands' commands "$@"
}
(( $+functions[_otp__subcmd__help_commands] )) ||
_otp__subcmd__help_commands() {
    local commands; commands=(
'code:Print the code of a time or a counter, and nothing else' \
'verify:Check a code\: \`accepted …\` and status 0, or \`rejected\` and status 1' \
'inspect:Show what a key URI says' \
'import:Read a file of keys in any format\: a key URI for each' \
'export:Show the QR codes of a file of keys, for an authenticator app' \
'find:Find which of many keys has made a code' \
'resync:Set a token right whose clock or counter has gone too far, by its next codes' \
'state:Show or change the file of \`verify --state\`' \
'recovery:Make recovery codes, and use one up' \
'enroll:Make a new secret\: its key URI, its symbols for typing, and its QR code' \
'completions:Print the completions of a shell, for its configuration' \
'man:Print a man page, for \`man -l -\`' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'otp help commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__code_commands] )) ||
_otp__subcmd__help__subcmd__code_commands() {
    local commands; commands=()
    _describe -t commands 'otp help code commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__completions_commands] )) ||
_otp__subcmd__help__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'otp help completions commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__enroll_commands] )) ||
_otp__subcmd__help__subcmd__enroll_commands() {
    local commands; commands=()
    _describe -t commands 'otp help enroll commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__export_commands] )) ||
_otp__subcmd__help__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'otp help export commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__find_commands] )) ||
_otp__subcmd__help__subcmd__find_commands() {
    local commands; commands=()
    _describe -t commands 'otp help find commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__help_commands] )) ||
_otp__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'otp help help commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__import_commands] )) ||
_otp__subcmd__help__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'otp help import commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__inspect_commands] )) ||
_otp__subcmd__help__subcmd__inspect_commands() {
    local commands; commands=()
    _describe -t commands 'otp help inspect commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__man_commands] )) ||
_otp__subcmd__help__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'otp help man commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__recovery_commands] )) ||
_otp__subcmd__help__subcmd__recovery_commands() {
    local commands; commands=(
'new:Make new codes, print each once, and store their hashes' \
'redeem:Use a code up\: \`redeemed slot=… remaining=…\` and status 0, or \`rejected\` and status 1' \
    )
    _describe -t commands 'otp help recovery commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__recovery__subcmd__new_commands] )) ||
_otp__subcmd__help__subcmd__recovery__subcmd__new_commands() {
    local commands; commands=()
    _describe -t commands 'otp help recovery new commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__recovery__subcmd__redeem_commands] )) ||
_otp__subcmd__help__subcmd__recovery__subcmd__redeem_commands() {
    local commands; commands=()
    _describe -t commands 'otp help recovery redeem commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__resync_commands] )) ||
_otp__subcmd__help__subcmd__resync_commands() {
    local commands; commands=()
    _describe -t commands 'otp help resync commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__state_commands] )) ||
_otp__subcmd__help__subcmd__state_commands() {
    local commands; commands=(
'show:Print what it says, one \`name=value\` a line' \
'unlock:Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled' \
'repair:Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints \`repaired next=…\` or \`unchanged\`. Codes that were accepted for a time in the future will be accepted at that time again' \
'migrate:Write it in the form of this version, if an earlier one has written it' \
    )
    _describe -t commands 'otp help state commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__state__subcmd__migrate_commands] )) ||
_otp__subcmd__help__subcmd__state__subcmd__migrate_commands() {
    local commands; commands=()
    _describe -t commands 'otp help state migrate commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__state__subcmd__repair_commands] )) ||
_otp__subcmd__help__subcmd__state__subcmd__repair_commands() {
    local commands; commands=()
    _describe -t commands 'otp help state repair commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__state__subcmd__show_commands] )) ||
_otp__subcmd__help__subcmd__state__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'otp help state show commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__state__subcmd__unlock_commands] )) ||
_otp__subcmd__help__subcmd__state__subcmd__unlock_commands() {
    local commands; commands=()
    _describe -t commands 'otp help state unlock commands' commands "$@"
}
(( $+functions[_otp__subcmd__help__subcmd__verify_commands] )) ||
_otp__subcmd__help__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'otp help verify commands' commands "$@"
}
(( $+functions[_otp__subcmd__import_commands] )) ||
_otp__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'otp import commands' commands "$@"
}
(( $+functions[_otp__subcmd__inspect_commands] )) ||
_otp__subcmd__inspect_commands() {
    local commands; commands=()
    _describe -t commands 'otp inspect commands' commands "$@"
}
(( $+functions[_otp__subcmd__man_commands] )) ||
_otp__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'otp man commands' commands "$@"
}
(( $+functions[_otp__subcmd__recovery_commands] )) ||
_otp__subcmd__recovery_commands() {
    local commands; commands=(
'new:Make new codes, print each once, and store their hashes' \
'redeem:Use a code up\: \`redeemed slot=… remaining=…\` and status 0, or \`rejected\` and status 1' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'otp recovery commands' commands "$@"
}
(( $+functions[_otp__subcmd__recovery__subcmd__help_commands] )) ||
_otp__subcmd__recovery__subcmd__help_commands() {
    local commands; commands=(
'new:Make new codes, print each once, and store their hashes' \
'redeem:Use a code up\: \`redeemed slot=… remaining=…\` and status 0, or \`rejected\` and status 1' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'otp recovery help commands' commands "$@"
}
(( $+functions[_otp__subcmd__recovery__subcmd__help__subcmd__help_commands] )) ||
_otp__subcmd__recovery__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'otp recovery help help commands' commands "$@"
}
(( $+functions[_otp__subcmd__recovery__subcmd__help__subcmd__new_commands] )) ||
_otp__subcmd__recovery__subcmd__help__subcmd__new_commands() {
    local commands; commands=()
    _describe -t commands 'otp recovery help new commands' commands "$@"
}
(( $+functions[_otp__subcmd__recovery__subcmd__help__subcmd__redeem_commands] )) ||
_otp__subcmd__recovery__subcmd__help__subcmd__redeem_commands() {
    local commands; commands=()
    _describe -t commands 'otp recovery help redeem commands' commands "$@"
}
(( $+functions[_otp__subcmd__recovery__subcmd__new_commands] )) ||
_otp__subcmd__recovery__subcmd__new_commands() {
    local commands; commands=()
    _describe -t commands 'otp recovery new commands' commands "$@"
}
(( $+functions[_otp__subcmd__recovery__subcmd__redeem_commands] )) ||
_otp__subcmd__recovery__subcmd__redeem_commands() {
    local commands; commands=()
    _describe -t commands 'otp recovery redeem commands' commands "$@"
}
(( $+functions[_otp__subcmd__resync_commands] )) ||
_otp__subcmd__resync_commands() {
    local commands; commands=()
    _describe -t commands 'otp resync commands' commands "$@"
}
(( $+functions[_otp__subcmd__state_commands] )) ||
_otp__subcmd__state_commands() {
    local commands; commands=(
'show:Print what it says, one \`name=value\` a line' \
'unlock:Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled' \
'repair:Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints \`repaired next=…\` or \`unchanged\`. Codes that were accepted for a time in the future will be accepted at that time again' \
'migrate:Write it in the form of this version, if an earlier one has written it' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'otp state commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__help_commands] )) ||
_otp__subcmd__state__subcmd__help_commands() {
    local commands; commands=(
'show:Print what it says, one \`name=value\` a line' \
'unlock:Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled' \
'repair:Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints \`repaired next=…\` or \`unchanged\`. Codes that were accepted for a time in the future will be accepted at that time again' \
'migrate:Write it in the form of this version, if an earlier one has written it' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'otp state help commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__help__subcmd__help_commands] )) ||
_otp__subcmd__state__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'otp state help help commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__help__subcmd__migrate_commands] )) ||
_otp__subcmd__state__subcmd__help__subcmd__migrate_commands() {
    local commands; commands=()
    _describe -t commands 'otp state help migrate commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__help__subcmd__repair_commands] )) ||
_otp__subcmd__state__subcmd__help__subcmd__repair_commands() {
    local commands; commands=()
    _describe -t commands 'otp state help repair commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__help__subcmd__show_commands] )) ||
_otp__subcmd__state__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'otp state help show commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__help__subcmd__unlock_commands] )) ||
_otp__subcmd__state__subcmd__help__subcmd__unlock_commands() {
    local commands; commands=()
    _describe -t commands 'otp state help unlock commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__migrate_commands] )) ||
_otp__subcmd__state__subcmd__migrate_commands() {
    local commands; commands=()
    _describe -t commands 'otp state migrate commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__repair_commands] )) ||
_otp__subcmd__state__subcmd__repair_commands() {
    local commands; commands=()
    _describe -t commands 'otp state repair commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__show_commands] )) ||
_otp__subcmd__state__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'otp state show commands' commands "$@"
}
(( $+functions[_otp__subcmd__state__subcmd__unlock_commands] )) ||
_otp__subcmd__state__subcmd__unlock_commands() {
    local commands; commands=()
    _describe -t commands 'otp state unlock commands' commands "$@"
}
(( $+functions[_otp__subcmd__verify_commands] )) ||
_otp__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'otp verify commands' commands "$@"
}

if [ "$funcstack[1]" = "_otp" ]; then
    _otp "$@"
else
    compdef _otp otp
fi
