# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_otp_global_optspecs
    string join \n color= h/help V/version
end

function __fish_otp_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_otp_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_otp_using_subcommand
    set -l cmd (__fish_otp_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c otp -n "__fish_otp_needs_command" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_needs_command" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_needs_command" -s V -l version -d 'Print version'
complete -c otp -n "__fish_otp_needs_command" -f -a "code" -d 'Print the code of a time or a counter, and nothing else'
complete -c otp -n "__fish_otp_needs_command" -f -a "verify" -d 'Check a code: `accepted …` and status 0, or `rejected` and status 1'
complete -c otp -n "__fish_otp_needs_command" -f -a "inspect" -d 'Show what a key URI says'
complete -c otp -n "__fish_otp_needs_command" -f -a "import" -d 'Read a file of keys in any format: a key URI for each'
complete -c otp -n "__fish_otp_needs_command" -f -a "export" -d 'Show the QR codes of a file of keys, for an authenticator app'
complete -c otp -n "__fish_otp_needs_command" -f -a "find" -d 'Find which of many keys has made a code'
complete -c otp -n "__fish_otp_needs_command" -f -a "resync" -d 'Set a token right whose clock or counter has gone too far, by its next codes'
complete -c otp -n "__fish_otp_needs_command" -f -a "state" -d 'Show or change the file of `verify --state`'
complete -c otp -n "__fish_otp_needs_command" -f -a "recovery" -d 'Make recovery codes, and use one up'
complete -c otp -n "__fish_otp_needs_command" -f -a "enroll" -d 'Make a new secret: its key URI, its symbols for typing, and its QR code'
complete -c otp -n "__fish_otp_needs_command" -f -a "completions" -d 'Print the completions of a shell, for its configuration'
complete -c otp -n "__fish_otp_needs_command" -f -a "man" -d 'Print a man page, for `man -l -`'
complete -c otp -n "__fish_otp_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c otp -n "__fish_otp_using_subcommand code" -l at -d 'Unix time in seconds [default: now]' -r
complete -c otp -n "__fish_otp_using_subcommand code" -l counter -d 'Use HOTP with this counter [default for a hotp URI: what it says]' -r
complete -c otp -n "__fish_otp_using_subcommand code" -l t0 -d 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]' -r
complete -c otp -n "__fish_otp_using_subcommand code" -l period -d 'Length of a time step in seconds [default: 30]' -r
complete -c otp -n "__fish_otp_using_subcommand code" -l digits -d 'Digits of a code, 6 to 10 [default: 6]' -r
complete -c otp -n "__fish_otp_using_subcommand code" -l algorithm -d 'SHA1, SHA256 or SHA512 [default: SHA1]' -r
complete -c otp -n "__fish_otp_using_subcommand code" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand code" -l hex -d 'The secret is in hexadecimal, not in Base32'
complete -c otp -n "__fish_otp_using_subcommand code" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand verify" -l at -d 'Unix time in seconds [default: now]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l counter -d 'Use HOTP with this counter [default for a hotp URI: what it says]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l t0 -d 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l period -d 'Length of a time step in seconds [default: 30]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l digits -d 'Digits of a code, 6 to 10 [default: 6]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l algorithm -d 'SHA1, SHA256 or SHA512 [default: SHA1]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l past -d 'Time steps back whose codes are accepted too, 0 to 100 [default: 1]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l future -d 'Time steps ahead whose codes are accepted too, 0 to 100 [default: 1]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l look-ahead -d 'Counters after the given one that are tried too, 0 to 100 [default: 10]' -r
complete -c otp -n "__fish_otp_using_subcommand verify" -l state -d 'Accept each code once and slow guesses down, with a state in this file, made when absent: also `replayed`, `locked until=UNIX` and `disabled`, with status 1' -r -F
complete -c otp -n "__fish_otp_using_subcommand verify" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand verify" -l hex -d 'The secret is in hexadecimal, not in Base32'
complete -c otp -n "__fish_otp_using_subcommand verify" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand inspect" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand inspect" -l json -d 'One JSON object a line, with the secret in hexadecimal'
complete -c otp -n "__fish_otp_using_subcommand inspect" -l strict -d 'Refuse what the specification does not allow, such as padding or a short secret'
complete -c otp -n "__fish_otp_using_subcommand inspect" -l null -d 'URIs on standard input are separated by zero bytes, not by line feeds'
complete -c otp -n "__fish_otp_using_subcommand inspect" -l show-secret -d 'Show the secret in the listing'
complete -c otp -n "__fish_otp_using_subcommand inspect" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand import" -l states -d 'Also write the state of each token, from which `verify --state` starts, to FOLDER/SERIAL.state. A state that is there stays as it is. Letters and digits of ASCII, `-`, `_` and `.` stay as they are in the name, and every other byte becomes %XX. So does the first one if it is `-` or `.`, or begins a name that Windows reserves. A token is refused if it does not have a serial number, or if another token has the same one' -r -F
complete -c otp -n "__fish_otp_using_subcommand import" -l output -d 'Write the keys to this file, which only its owner can read. It is written as a whole; `-` is standard output' -r -F
complete -c otp -n "__fish_otp_using_subcommand import" -l from -d 'The format of the file [default: what its content shows]' -r -f -a "uris\t'Key URIs, one a line'
google\t'`otpauth-migration://` of Google Authenticator, one a line'
pskc\t'PSKC (RFC 6030)'
csv\t'CSV of hardware tokens'
aegis\t'Aegis, plain JSON'
2fas\t'2FAS, a backup without a password'
proton\t'Proton Authenticator or Proton Pass, plain JSON or CSV'
bitwarden\t'Bitwarden or Bitwarden Authenticator, plain JSON or CSV'
ente\t'Ente Auth, plain text'
andotp\t'andOTP, plain JSON'"
complete -c otp -n "__fish_otp_using_subcommand import" -l key -d 'The key of an encrypted PSKC file: this file has it in hexadecimal' -r -F
complete -c otp -n "__fish_otp_using_subcommand import" -l passphrase-file -d 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count' -r -F
complete -c otp -n "__fish_otp_using_subcommand import" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand import" -l json -d 'One JSON object a line, with the secret in hexadecimal. The object of a hardware token also has the serial number, the drift, the last step and the policy: `start_date`, `expiry_date`, `number_of_transactions` and `pin_policy`'
complete -c otp -n "__fish_otp_using_subcommand import" -l without-mac -d 'Accept encrypted values of a PSKC file that do not have a MAC'
complete -c otp -n "__fish_otp_using_subcommand import" -l totp -d 'Tokens of a CSV file are time-based if the file does not say what they are'
complete -c otp -n "__fish_otp_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c otp -n "__fish_otp_using_subcommand export" -l svg -d 'Write the QR codes into this folder, as 001.svg and so on. They show the secrets' -r -F
complete -c otp -n "__fish_otp_using_subcommand export" -l from -d 'The format of the file [default: what its content shows]' -r -f -a "uris\t'Key URIs, one a line'
google\t'`otpauth-migration://` of Google Authenticator, one a line'
pskc\t'PSKC (RFC 6030)'
csv\t'CSV of hardware tokens'
aegis\t'Aegis, plain JSON'
2fas\t'2FAS, a backup without a password'
proton\t'Proton Authenticator or Proton Pass, plain JSON or CSV'
bitwarden\t'Bitwarden or Bitwarden Authenticator, plain JSON or CSV'
ente\t'Ente Auth, plain text'
andotp\t'andOTP, plain JSON'"
complete -c otp -n "__fish_otp_using_subcommand export" -l key -d 'The key of an encrypted PSKC file: this file has it in hexadecimal' -r -F
complete -c otp -n "__fish_otp_using_subcommand export" -l passphrase-file -d 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count' -r -F
complete -c otp -n "__fish_otp_using_subcommand export" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand export" -l google -d 'Exports for Google Authenticator, with up to ten accounts in each QR code'
complete -c otp -n "__fish_otp_using_subcommand export" -l text -d 'Print what the QR codes say, and no QR codes'
complete -c otp -n "__fish_otp_using_subcommand export" -l without-mac -d 'Accept encrypted values of a PSKC file that do not have a MAC'
complete -c otp -n "__fish_otp_using_subcommand export" -l totp -d 'Tokens of a CSV file are time-based if the file does not say what they are'
complete -c otp -n "__fish_otp_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c otp -n "__fish_otp_using_subcommand find" -l at -d 'Unix time in seconds [default: now]' -r
complete -c otp -n "__fish_otp_using_subcommand find" -l past -d 'Time steps or counters before the expected one that are looked at too, 0 to 100' -r
complete -c otp -n "__fish_otp_using_subcommand find" -l future -d 'Time steps or counters after the expected one that are looked at too, 0 to 100' -r
complete -c otp -n "__fish_otp_using_subcommand find" -l from -d 'The format of the file [default: what its content shows]' -r -f -a "uris\t'Key URIs, one a line'
google\t'`otpauth-migration://` of Google Authenticator, one a line'
pskc\t'PSKC (RFC 6030)'
csv\t'CSV of hardware tokens'
aegis\t'Aegis, plain JSON'
2fas\t'2FAS, a backup without a password'
proton\t'Proton Authenticator or Proton Pass, plain JSON or CSV'
bitwarden\t'Bitwarden or Bitwarden Authenticator, plain JSON or CSV'
ente\t'Ente Auth, plain text'
andotp\t'andOTP, plain JSON'"
complete -c otp -n "__fish_otp_using_subcommand find" -l key -d 'The key of an encrypted PSKC file: this file has it in hexadecimal' -r -F
complete -c otp -n "__fish_otp_using_subcommand find" -l passphrase-file -d 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count' -r -F
complete -c otp -n "__fish_otp_using_subcommand find" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand find" -l without-mac -d 'Accept encrypted values of a PSKC file that do not have a MAC'
complete -c otp -n "__fish_otp_using_subcommand find" -l totp -d 'Tokens of a CSV file are time-based if the file does not say what they are'
complete -c otp -n "__fish_otp_using_subcommand find" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c otp -n "__fish_otp_using_subcommand resync" -l at -d 'Unix time in seconds [default: now]' -r
complete -c otp -n "__fish_otp_using_subcommand resync" -l counter -d 'Use HOTP with this counter [default for a hotp URI: what it says]' -r
complete -c otp -n "__fish_otp_using_subcommand resync" -l t0 -d 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]' -r
complete -c otp -n "__fish_otp_using_subcommand resync" -l period -d 'Length of a time step in seconds [default: 30]' -r
complete -c otp -n "__fish_otp_using_subcommand resync" -l digits -d 'Digits of a code, 6 to 10 [default: 6]' -r
complete -c otp -n "__fish_otp_using_subcommand resync" -l algorithm -d 'SHA1, SHA256 or SHA512 [default: SHA1]' -r
complete -c otp -n "__fish_otp_using_subcommand resync" -l state -d 'The file of `verify --state`, made when absent' -r -F
complete -c otp -n "__fish_otp_using_subcommand resync" -l hours -d 'How many hours the clock may be off, either way, 1 to 24 [default: 65 minutes]' -r
complete -c otp -n "__fish_otp_using_subcommand resync" -l counters -d 'How many counters the token may be ahead, 1 to 1000 [default: 100]' -r
complete -c otp -n "__fish_otp_using_subcommand resync" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand resync" -l hex -d 'The secret is in hexadecimal, not in Base32'
complete -c otp -n "__fish_otp_using_subcommand resync" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand state; and not __fish_seen_subcommand_from show unlock repair migrate help" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand state; and not __fish_seen_subcommand_from show unlock repair migrate help" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand state; and not __fish_seen_subcommand_from show unlock repair migrate help" -f -a "show" -d 'Print what it says, one `name=value` a line'
complete -c otp -n "__fish_otp_using_subcommand state; and not __fish_seen_subcommand_from show unlock repair migrate help" -f -a "unlock" -d 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled'
complete -c otp -n "__fish_otp_using_subcommand state; and not __fish_seen_subcommand_from show unlock repair migrate help" -f -a "repair" -d 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again'
complete -c otp -n "__fish_otp_using_subcommand state; and not __fish_seen_subcommand_from show unlock repair migrate help" -f -a "migrate" -d 'Write it in the form of this version, if an earlier one has written it'
complete -c otp -n "__fish_otp_using_subcommand state; and not __fish_seen_subcommand_from show unlock repair migrate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from show" -l at -d 'Unix time in seconds, for the wait [default: now]' -r
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from show" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l enable -d 'Enable it too, if it is disabled'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from unlock" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from repair" -l at -d 'Unix time in seconds [default: now]' -r
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from repair" -l t0 -d 'Unix time in seconds at which step 0 begins, as for `verify` [default: 0]' -r
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from repair" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from repair" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from migrate" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print what it says, one `name=value` a line'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "unlock" -d 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "repair" -d 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "migrate" -d 'Write it in the form of this version, if an earlier one has written it'
complete -c otp -n "__fish_otp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c otp -n "__fish_otp_using_subcommand recovery; and not __fish_seen_subcommand_from new redeem help" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand recovery; and not __fish_seen_subcommand_from new redeem help" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand recovery; and not __fish_seen_subcommand_from new redeem help" -f -a "new" -d 'Make new codes, print each once, and store their hashes'
complete -c otp -n "__fish_otp_using_subcommand recovery; and not __fish_seen_subcommand_from new redeem help" -f -a "redeem" -d 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1'
complete -c otp -n "__fish_otp_using_subcommand recovery; and not __fish_seen_subcommand_from new redeem help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from new" -l user -d 'Whose codes they are, 1 to 255 bytes: a set of one user is worth nothing to another' -r
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from new" -l pepper-file -d 'At least 32 hexadecimal digits, kept apart from the set; `openssl rand -hex 32` writes them' -r -F
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from new" -l set -d 'Where the hashes are stored' -r -F
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from new" -l count -d 'How many, 1 to 32' -r
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from new" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from new" -l digits -d 'Codes of 36 decimal digits, for a keypad without letters [default: 24 letters and digits]'
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from redeem" -l user -d 'Whose codes they are, 1 to 255 bytes: a set of one user is worth nothing to another' -r
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from redeem" -l pepper-file -d 'At least 32 hexadecimal digits, kept apart from the set; `openssl rand -hex 32` writes them' -r -F
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from redeem" -l set -d 'Where the hashes are stored' -r -F
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from redeem" -l state -d 'Slow guesses down with the state of `verify --state`, made when absent' -r -F
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from redeem" -l at -d 'Unix time in seconds [default: now]' -r
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from redeem" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from redeem" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from help" -f -a "new" -d 'Make new codes, print each once, and store their hashes'
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from help" -f -a "redeem" -d 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1'
complete -c otp -n "__fish_otp_using_subcommand recovery; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c otp -n "__fish_otp_using_subcommand enroll" -l issuer -d 'Who issues the key' -r
complete -c otp -n "__fish_otp_using_subcommand enroll" -l account -d 'Whose account it is' -r
complete -c otp -n "__fish_otp_using_subcommand enroll" -l algorithm -d 'SHA1, SHA256 or SHA512; many apps only read SHA1 [default: SHA1]' -r
complete -c otp -n "__fish_otp_using_subcommand enroll" -l svg -d 'Also write the QR code to this file, as SVG. It shows the secret' -r -F
complete -c otp -n "__fish_otp_using_subcommand enroll" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand enroll" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand completions" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand completions" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand man" -l color -d 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c otp -n "__fish_otp_using_subcommand man" -s h -l help -d 'Print help'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "code" -d 'Print the code of a time or a counter, and nothing else'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "verify" -d 'Check a code: `accepted …` and status 0, or `rejected` and status 1'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "inspect" -d 'Show what a key URI says'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "import" -d 'Read a file of keys in any format: a key URI for each'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "export" -d 'Show the QR codes of a file of keys, for an authenticator app'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "find" -d 'Find which of many keys has made a code'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "resync" -d 'Set a token right whose clock or counter has gone too far, by its next codes'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "state" -d 'Show or change the file of `verify --state`'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "recovery" -d 'Make recovery codes, and use one up'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "enroll" -d 'Make a new secret: its key URI, its symbols for typing, and its QR code'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "completions" -d 'Print the completions of a shell, for its configuration'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "man" -d 'Print a man page, for `man -l -`'
complete -c otp -n "__fish_otp_using_subcommand help; and not __fish_seen_subcommand_from code verify inspect import export find resync state recovery enroll completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c otp -n "__fish_otp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "show" -d 'Print what it says, one `name=value` a line'
complete -c otp -n "__fish_otp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "unlock" -d 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled'
complete -c otp -n "__fish_otp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "repair" -d 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again'
complete -c otp -n "__fish_otp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "migrate" -d 'Write it in the form of this version, if an earlier one has written it'
complete -c otp -n "__fish_otp_using_subcommand help; and __fish_seen_subcommand_from recovery" -f -a "new" -d 'Make new codes, print each once, and store their hashes'
complete -c otp -n "__fish_otp_using_subcommand help; and __fish_seen_subcommand_from recovery" -f -a "redeem" -d 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1'
