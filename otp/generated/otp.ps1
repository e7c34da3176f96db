
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'otp' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'otp'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'otp' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('code', 'code', [CompletionResultType]::ParameterValue, 'Print the code of a time or a counter, and nothing else')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a code: `accepted …` and status 0, or `rejected` and status 1')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what a key URI says')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Read a file of keys in any format: a key URI for each')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Show the QR codes of a file of keys, for an authenticator app')
            [CompletionResult]::new('find', 'find', [CompletionResultType]::ParameterValue, 'Find which of many keys has made a code')
            [CompletionResult]::new('resync', 'resync', [CompletionResultType]::ParameterValue, 'Set a token right whose clock or counter has gone too far, by its next codes')
            [CompletionResult]::new('state', 'state', [CompletionResultType]::ParameterValue, 'Show or change the file of `verify --state`')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'Make recovery codes, and use one up')
            [CompletionResult]::new('enroll', 'enroll', [CompletionResultType]::ParameterValue, 'Make a new secret: its key URI, its symbols for typing, and its QR code')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions of a shell, for its configuration')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a man page, for `man -l -`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'otp;code' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Unix time in seconds [default: now]')
            [CompletionResult]::new('--counter', '--counter', [CompletionResultType]::ParameterName, 'Use HOTP with this counter [default for a hotp URI: what it says]')
            [CompletionResult]::new('--t0', '--t0', [CompletionResultType]::ParameterName, 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]')
            [CompletionResult]::new('--period', '--period', [CompletionResultType]::ParameterName, 'Length of a time step in seconds [default: 30]')
            [CompletionResult]::new('--digits', '--digits', [CompletionResultType]::ParameterName, 'Digits of a code, 6 to 10 [default: 6]')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'SHA1, SHA256 or SHA512 [default: SHA1]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--hex', '--hex', [CompletionResultType]::ParameterName, 'The secret is in hexadecimal, not in Base32')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;verify' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Unix time in seconds [default: now]')
            [CompletionResult]::new('--counter', '--counter', [CompletionResultType]::ParameterName, 'Use HOTP with this counter [default for a hotp URI: what it says]')
            [CompletionResult]::new('--t0', '--t0', [CompletionResultType]::ParameterName, 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]')
            [CompletionResult]::new('--period', '--period', [CompletionResultType]::ParameterName, 'Length of a time step in seconds [default: 30]')
            [CompletionResult]::new('--digits', '--digits', [CompletionResultType]::ParameterName, 'Digits of a code, 6 to 10 [default: 6]')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'SHA1, SHA256 or SHA512 [default: SHA1]')
            [CompletionResult]::new('--past', '--past', [CompletionResultType]::ParameterName, 'Time steps back whose codes are accepted too, 0 to 100 [default: 1]')
            [CompletionResult]::new('--future', '--future', [CompletionResultType]::ParameterName, 'Time steps ahead whose codes are accepted too, 0 to 100 [default: 1]')
            [CompletionResult]::new('--look-ahead', '--look-ahead', [CompletionResultType]::ParameterName, 'Counters after the given one that are tried too, 0 to 100 [default: 10]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Accept each code once and slow guesses down, with a state in this file, made when absent: also `replayed`, `locked until=UNIX` and `disabled`, with status 1')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--hex', '--hex', [CompletionResultType]::ParameterName, 'The secret is in hexadecimal, not in Base32')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;inspect' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line, with the secret in hexadecimal')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse what the specification does not allow, such as padding or a short secret')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'URIs on standard input are separated by zero bytes, not by line feeds')
            [CompletionResult]::new('--show-secret', '--show-secret', [CompletionResultType]::ParameterName, 'Show the secret in the listing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;import' {
            [CompletionResult]::new('--states', '--states', [CompletionResultType]::ParameterName, 'Also write the state of each token, from which `verify --state` starts, to FOLDER/SERIAL.state. A state that is there stays as it is. Letters and digits of ASCII, `-`, `_` and `.` stay as they are in the name, and every other byte becomes %XX. So does the first one if it is `-` or `.`, or begins a name that Windows reserves. A token is refused if it does not have a serial number, or if another token has the same one')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the keys to this file, which only its owner can read. It is written as a whole; `-` is standard output')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'The format of the file [default: what its content shows]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key of an encrypted PSKC file: this file has it in hexadecimal')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line, with the secret in hexadecimal. The object of a hardware token also has the serial number, the drift, the last step and the policy: `start_date`, `expiry_date`, `number_of_transactions` and `pin_policy`')
            [CompletionResult]::new('--without-mac', '--without-mac', [CompletionResultType]::ParameterName, 'Accept encrypted values of a PSKC file that do not have a MAC')
            [CompletionResult]::new('--totp', '--totp', [CompletionResultType]::ParameterName, 'Tokens of a CSV file are time-based if the file does not say what they are')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'otp;export' {
            [CompletionResult]::new('--svg', '--svg', [CompletionResultType]::ParameterName, 'Write the QR codes into this folder, as 001.svg and so on. They show the secrets')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'The format of the file [default: what its content shows]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key of an encrypted PSKC file: this file has it in hexadecimal')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--google', '--google', [CompletionResultType]::ParameterName, 'Exports for Google Authenticator, with up to ten accounts in each QR code')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Print what the QR codes say, and no QR codes')
            [CompletionResult]::new('--without-mac', '--without-mac', [CompletionResultType]::ParameterName, 'Accept encrypted values of a PSKC file that do not have a MAC')
            [CompletionResult]::new('--totp', '--totp', [CompletionResultType]::ParameterName, 'Tokens of a CSV file are time-based if the file does not say what they are')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'otp;find' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Unix time in seconds [default: now]')
            [CompletionResult]::new('--past', '--past', [CompletionResultType]::ParameterName, 'Time steps or counters before the expected one that are looked at too, 0 to 100')
            [CompletionResult]::new('--future', '--future', [CompletionResultType]::ParameterName, 'Time steps or counters after the expected one that are looked at too, 0 to 100')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'The format of the file [default: what its content shows]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key of an encrypted PSKC file: this file has it in hexadecimal')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at the end do not count')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--without-mac', '--without-mac', [CompletionResultType]::ParameterName, 'Accept encrypted values of a PSKC file that do not have a MAC')
            [CompletionResult]::new('--totp', '--totp', [CompletionResultType]::ParameterName, 'Tokens of a CSV file are time-based if the file does not say what they are')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'otp;resync' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Unix time in seconds [default: now]')
            [CompletionResult]::new('--counter', '--counter', [CompletionResultType]::ParameterName, 'Use HOTP with this counter [default for a hotp URI: what it says]')
            [CompletionResult]::new('--t0', '--t0', [CompletionResultType]::ParameterName, 'Unix time in seconds at which step 0 begins; negative for a device that shows local time: -32400 in Japan, 9 hours ahead [default: 0]')
            [CompletionResult]::new('--period', '--period', [CompletionResultType]::ParameterName, 'Length of a time step in seconds [default: 30]')
            [CompletionResult]::new('--digits', '--digits', [CompletionResultType]::ParameterName, 'Digits of a code, 6 to 10 [default: 6]')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'SHA1, SHA256 or SHA512 [default: SHA1]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'The file of `verify --state`, made when absent')
            [CompletionResult]::new('--hours', '--hours', [CompletionResultType]::ParameterName, 'How many hours the clock may be off, either way, 1 to 24 [default: 65 minutes]')
            [CompletionResult]::new('--counters', '--counters', [CompletionResultType]::ParameterName, 'How many counters the token may be ahead, 1 to 1000 [default: 100]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--hex', '--hex', [CompletionResultType]::ParameterName, 'The secret is in hexadecimal, not in Base32')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;state' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print what it says, one `name=value` a line')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Write it in the form of this version, if an earlier one has written it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'otp;state;show' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Unix time in seconds, for the wait [default: now]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;state;unlock' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--enable', '--enable', [CompletionResultType]::ParameterName, 'Enable it too, if it is disabled')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;state;repair' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Unix time in seconds [default: now]')
            [CompletionResult]::new('--t0', '--t0', [CompletionResultType]::ParameterName, 'Unix time in seconds at which step 0 begins, as for `verify` [default: 0]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;state;migrate' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;state;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print what it says, one `name=value` a line')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Write it in the form of this version, if an earlier one has written it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'otp;state;help;show' {
            break
        }
        'otp;state;help;unlock' {
            break
        }
        'otp;state;help;repair' {
            break
        }
        'otp;state;help;migrate' {
            break
        }
        'otp;state;help;help' {
            break
        }
        'otp;recovery' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make new codes, print each once, and store their hashes')
            [CompletionResult]::new('redeem', 'redeem', [CompletionResultType]::ParameterValue, 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'otp;recovery;new' {
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Whose codes they are, 1 to 255 bytes: a set of one user is worth nothing to another')
            [CompletionResult]::new('--pepper-file', '--pepper-file', [CompletionResultType]::ParameterName, 'At least 32 hexadecimal digits, kept apart from the set; `openssl rand -hex 32` writes them')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Where the hashes are stored')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'How many, 1 to 32')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('--digits', '--digits', [CompletionResultType]::ParameterName, 'Codes of 36 decimal digits, for a keypad without letters [default: 24 letters and digits]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;recovery;redeem' {
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Whose codes they are, 1 to 255 bytes: a set of one user is worth nothing to another')
            [CompletionResult]::new('--pepper-file', '--pepper-file', [CompletionResultType]::ParameterName, 'At least 32 hexadecimal digits, kept apart from the set; `openssl rand -hex 32` writes them')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Where the hashes are stored')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Slow guesses down with the state of `verify --state`, made when absent')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Unix time in seconds [default: now]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;recovery;help' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make new codes, print each once, and store their hashes')
            [CompletionResult]::new('redeem', 'redeem', [CompletionResultType]::ParameterValue, 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'otp;recovery;help;new' {
            break
        }
        'otp;recovery;help;redeem' {
            break
        }
        'otp;recovery;help;help' {
            break
        }
        'otp;enroll' {
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Who issues the key')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Whose account it is')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'SHA1, SHA256 or SHA512; many apps only read SHA1 [default: SHA1]')
            [CompletionResult]::new('--svg', '--svg', [CompletionResultType]::ParameterName, 'Also write the QR code to this file, as SVG. It shows the secret')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'otp;help' {
            [CompletionResult]::new('code', 'code', [CompletionResultType]::ParameterValue, 'Print the code of a time or a counter, and nothing else')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a code: `accepted …` and status 0, or `rejected` and status 1')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what a key URI says')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Read a file of keys in any format: a key URI for each')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Show the QR codes of a file of keys, for an authenticator app')
            [CompletionResult]::new('find', 'find', [CompletionResultType]::ParameterValue, 'Find which of many keys has made a code')
            [CompletionResult]::new('resync', 'resync', [CompletionResultType]::ParameterValue, 'Set a token right whose clock or counter has gone too far, by its next codes')
            [CompletionResult]::new('state', 'state', [CompletionResultType]::ParameterValue, 'Show or change the file of `verify --state`')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'Make recovery codes, and use one up')
            [CompletionResult]::new('enroll', 'enroll', [CompletionResultType]::ParameterValue, 'Make a new secret: its key URI, its symbols for typing, and its QR code')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions of a shell, for its configuration')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a man page, for `man -l -`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'otp;help;code' {
            break
        }
        'otp;help;verify' {
            break
        }
        'otp;help;inspect' {
            break
        }
        'otp;help;import' {
            break
        }
        'otp;help;export' {
            break
        }
        'otp;help;find' {
            break
        }
        'otp;help;resync' {
            break
        }
        'otp;help;state' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print what it says, one `name=value` a line')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Forget the failures and the wait; used codes stay used. Make sure who is asking. The exit status is 1 if it is still disabled')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Accept codes again of a token that was used while the clock of this machine was ahead. Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were accepted for a time in the future will be accepted at that time again')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Write it in the form of this version, if an earlier one has written it')
            break
        }
        'otp;help;state;show' {
            break
        }
        'otp;help;state;unlock' {
            break
        }
        'otp;help;state;repair' {
            break
        }
        'otp;help;state;migrate' {
            break
        }
        'otp;help;recovery' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make new codes, print each once, and store their hashes')
            [CompletionResult]::new('redeem', 'redeem', [CompletionResultType]::ParameterValue, 'Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1')
            break
        }
        'otp;help;recovery;new' {
            break
        }
        'otp;help;recovery;redeem' {
            break
        }
        'otp;help;enroll' {
            break
        }
        'otp;help;completions' {
            break
        }
        'otp;help;man' {
            break
        }
        'otp;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
