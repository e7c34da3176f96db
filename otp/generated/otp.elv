
use builtin;
use str;

set edit:completion:arg-completer[otp] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'otp'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'otp'= {
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand code 'Print the code of a time or a counter, and nothing else'
            cand verify 'Check a code: `accepted …` and status 0, or `rejected` and status 1'
            cand inspect 'Show what a key URI says'
            cand import 'Read a file of keys in any format: a key URI for each'
            cand export 'Show the QR codes of a file of keys, for an authenticator app'
            cand find 'Find which of many keys has made a code'
            cand resync 'Set a token right whose clock or counter has gone too far, by its next codes'
            cand state 'Show or change the file of `verify --state`'
            cand recovery 'Make recovery codes, and use one up'
            cand enroll 'Make a new secret: its key URI, its symbols for typing, and its QR code'
            cand completions 'Print the completions of a shell, for its configuration'
            cand man 'Print a man page, for `man -l -`'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'otp;code'= {
            cand --at 'Unix time in seconds [default: now]'
            cand --counter 'Use HOTP with this counter [default for a hotp URI: what it says]'
            cand --t0 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]'
            cand --period 'Length of a time step in seconds [default: 30]'
            cand --digits 'Digits of a code, 6 to 10 [default: 6]'
            cand --algorithm 'SHA1, SHA256 or SHA512 [default: SHA1]'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --hex 'The secret is in hexadecimal, not in Base32'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;verify'= {
            cand --at 'Unix time in seconds [default: now]'
            cand --counter 'Use HOTP with this counter [default for a hotp URI: what it says]'
            cand --t0 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]'
            cand --period 'Length of a time step in seconds [default: 30]'
            cand --digits 'Digits of a code, 6 to 10 [default: 6]'
            cand --algorithm 'SHA1, SHA256 or SHA512 [default: SHA1]'
            cand --past 'Time steps back whose codes are accepted too, 0 to 100 [default: 1]'
            cand --future 'Time steps ahead whose codes are accepted too, 0 to 100 [default: 1]'
            cand --look-ahead 'Counters after the given one that are tried too, 0 to 100 [default: 10]'
            cand --state 'Accept each code once and slow guesses down, with a state in this file, made when absent: also `replayed`, `locked until=UNIX` and `disabled`, with status 1'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --hex 'The secret is in hexadecimal, not in Base32'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;inspect'= {
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --json 'One JSON object a line, with the secret in hexadecimal'
            cand --strict 'Refuse what the specification does not allow, such as padding or a short secret'
            cand --null 'URIs on standard input are separated by zero bytes, not by line feeds'
            cand --show-secret 'Show the secret in the listing'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;import'= {
            cand --states 'Also write the state of each token, from which `verify --state` starts, to FOLDER/SERIAL.state. A state that is there stays as it is. Letters and digits of ASCII, `-`, `_` and `.` stay as they are in the name, and every other byte becomes %XX. So does the first one if it is `-` or `.`, or begins a name that Windows reserves. A token is refused if it does not have a serial number, or if another token has the same one'
            cand --output 'Write the keys to this file, which only its owner can read. It is written as a whole; `-` is standard output'
            cand --from 'The format of the file [default: what its content shows]'
            cand --key 'The key of an encrypted PSKC file: this file has it in hexadecimal'
            cand --passphrase-file 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --json 'One JSON object a line, with the secret in hexadecimal. The object of a hardware token also has the serial number, the drift, the last step and the policy: `start_date`, `expiry_date`, `number_of_transactions` and `pin_policy`'
            cand --without-mac 'Accept encrypted values of a PSKC file that do not have a MAC'
            cand --totp 'Tokens of a CSV file are time-based if the file does not say what they are'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'otp;export'= {
            cand --svg 'Write the QR codes into this folder, as 001.svg and so on. They show the secrets'
            cand --from 'The format of the file [default: what its content shows]'
            cand --key 'The key of an encrypted PSKC file: this file has it in hexadecimal'
            cand --passphrase-file 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --google 'Exports for Google Authenticator, with up to ten accounts in each QR code'
            cand --text 'Print what the QR codes say, and no QR codes'
            cand --without-mac 'Accept encrypted values of a PSKC file that do not have a MAC'
            cand --totp 'Tokens of a CSV file are time-based if the file does not say what they are'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'otp;find'= {
            cand --at 'Unix time in seconds [default: now]'
            cand --past 'Time steps or counters before the expected one that are looked at too, 0 to 100'
            cand --future 'Time steps or counters after the expected one that are looked at too, 0 to 100'
            cand --from 'The format of the file [default: what its content shows]'
            cand --key 'The key of an encrypted PSKC file: this file has it in hexadecimal'
            cand --passphrase-file 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --without-mac 'Accept encrypted values of a PSKC file that do not have a MAC'
            cand --totp 'Tokens of a CSV file are time-based if the file does not say what they are'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'otp;resync'= {
            cand --at 'Unix time in seconds [default: now]'
            cand --counter 'Use HOTP with this counter [default for a hotp URI: what it says]'
            cand --t0 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]'
            cand --period 'Length of a time step in seconds [default: 30]'
            cand --digits 'Digits of a code, 6 to 10 [default: 6]'
            cand --algorithm 'SHA1, SHA256 or SHA512 [default: SHA1]'
            cand --state 'The file of `verify --state`, made when absent'
            cand --hours 'How many hours the clock may be off, either way, 1 to 24 [default: 65 minutes]'
            cand --counters 'How many counters the token may be ahead, 1 to 1000 [default: 100]'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --hex 'The secret is in hexadecimal, not in Base32'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;state'= {
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Print what it says, one `name=value` a line'
            cand unlock 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled'
            cand repair 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again'
            cand migrate 'Write it in the form of this version, if an earlier one has written it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'otp;state;show'= {
            cand --at 'Unix time in seconds, for the wait [default: now]'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;state;unlock'= {
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --enable 'Enable it too, if it is disabled'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;state;repair'= {
            cand --at 'Unix time in seconds [default: now]'
            cand --t0 'Unix time in seconds at which step 0 begins, as for `verify` [default: 0]'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;state;migrate'= {
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;state;help'= {
            cand show 'Print what it says, one `name=value` a line'
            cand unlock 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled'
            cand repair 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again'
            cand migrate 'Write it in the form of this version, if an earlier one has written it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'otp;state;help;show'= {
        }
        &'otp;state;help;unlock'= {
        }
        &'otp;state;help;repair'= {
        }
        &'otp;state;help;migrate'= {
        }
        &'otp;state;help;help'= {
        }
        &'otp;recovery'= {
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
            cand new 'Make new codes, print each once, and store their hashes'
            cand redeem 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'otp;recovery;new'= {
            cand --user 'Whose codes they are, 1 to 255 bytes: a set of one user is worth nothing to another'
            cand --pepper-file 'At least 32 hexadecimal digits, kept apart from the set; `openssl rand -hex 32` writes them'
            cand --set 'Where the hashes are stored'
            cand --count 'How many, 1 to 32'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand --digits 'Codes of 36 decimal digits, for a keypad without letters [default: 24 letters and digits]'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;recovery;redeem'= {
            cand --user 'Whose codes they are, 1 to 255 bytes: a set of one user is worth nothing to another'
            cand --pepper-file 'At least 32 hexadecimal digits, kept apart from the set; `openssl rand -hex 32` writes them'
            cand --set 'Where the hashes are stored'
            cand --state 'Slow guesses down with the state of `verify --state`, made when absent'
            cand --at 'Unix time in seconds [default: now]'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;recovery;help'= {
            cand new 'Make new codes, print each once, and store their hashes'
            cand redeem 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'otp;recovery;help;new'= {
        }
        &'otp;recovery;help;redeem'= {
        }
        &'otp;recovery;help;help'= {
        }
        &'otp;enroll'= {
            cand --issuer 'Who issues the key'
            cand --account 'Whose account it is'
            cand --algorithm 'SHA1, SHA256 or SHA512; many apps only read SHA1 [default: SHA1]'
            cand --svg 'Also write the QR code to this file, as SVG. It shows the secret'
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;completions'= {
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;man'= {
            cand --color 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'otp;help'= {
            cand code 'Print the code of a time or a counter, and nothing else'
            cand verify 'Check a code: `accepted …` and status 0, or `rejected` and status 1'
            cand inspect 'Show what a key URI says'
            cand import 'Read a file of keys in any format: a key URI for each'
            cand export 'Show the QR codes of a file of keys, for an authenticator app'
            cand find 'Find which of many keys has made a code'
            cand resync 'Set a token right whose clock or counter has gone too far, by its next codes'
            cand state 'Show or change the file of `verify --state`'
            cand recovery 'Make recovery codes, and use one up'
            cand enroll 'Make a new secret: its key URI, its symbols for typing, and its QR code'
            cand completions 'Print the completions of a shell, for its configuration'
            cand man 'Print a man page, for `man -l -`'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'otp;help;code'= {
        }
        &'otp;help;verify'= {
        }
        &'otp;help;inspect'= {
        }
        &'otp;help;import'= {
        }
        &'otp;help;export'= {
        }
        &'otp;help;find'= {
        }
        &'otp;help;resync'= {
        }
        &'otp;help;state'= {
            cand show 'Print what it says, one `name=value` a line'
            cand unlock 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled'
            cand repair 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again'
            cand migrate 'Write it in the form of this version, if an earlier one has written it'
        }
        &'otp;help;state;show'= {
        }
        &'otp;help;state;unlock'= {
        }
        &'otp;help;state;repair'= {
        }
        &'otp;help;state;migrate'= {
        }
        &'otp;help;recovery'= {
            cand new 'Make new codes, print each once, and store their hashes'
            cand redeem 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1'
        }
        &'otp;help;recovery;new'= {
        }
        &'otp;help;recovery;redeem'= {
        }
        &'otp;help;enroll'= {
        }
        &'otp;help;completions'= {
        }
        &'otp;help;man'= {
        }
        &'otp;help;help'= {
        }
    ]
    $completions[$command]
}
