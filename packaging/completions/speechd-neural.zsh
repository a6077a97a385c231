#compdef speechd-neural
# zsh completion of speechd-neural; written by packaging/describe.py
_speechd_neural() {
    local command=$words[2]
    if ((CURRENT == 2)); then
        local -a names=('say:speak a text, or write it to a sound file' 'daemon:run the speech daemon in the foreground' 'status:what the daemon is doing' 'reload:make the daemon read its configuration again' 'stop:silence the daemon' 'setup:add this voice to Speech Dispatcher and the desktop, or take it away again' 'doctor:check, in words and by ear, that speech works' 'voices:list, install, import, choose and remove voices' 'cache:look at, warm or clear the phrase cache' 'explain:show how a text will be read, word by word' 'verify-voice:let a speech recogniser listen to the voice' 'train:make a corpus, train a voice, export and evaluate it' 'bench:measure latency and speed on this machine')
        _describe command names
        return
    fi
    case $command in
        train|voices) if ((CURRENT == 3)); then command="$command "; else command="$command $words[3]"; fi ;;
    esac
    case $command in
        'say')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '-o[write a WAV file instead of playing; - writes raw samples to standard output]:FILE:_files' \
            '--output[write a WAV file instead of playing; - writes raw samples to standard output]:FILE:_files' \
            '--file[a text file\: each line becomes a sound file in --out-dir]:LINES:_files' \
            '--out-dir[where --file puts its sounds\: 0001.wav …, or ID.wav for lines ID<TAB>TEXT]:DIR:_files' \
            '--plot[draw waveform, mel and alignment instead of playing]:PNG:_files' \
            '--ssml[the text is SSML]' \
            '--rate[-100 to 100, beyond 100 faster still (default 0)]:RATE:_files' \
            '--speed[a factor in place of --rate\: 2 is twice as fast]:SPEED:_files' \
            '--pitch[-100 to 100 (default 0)]:PITCH:_files' \
            '--pitch-range[-100 (monotone) to 100 (default 0)]:PITCH_RANGE:_files' \
            '--volume[-100 to 100 (default 100)]:VOLUME:_files' \
            '--punctuation[which symbols are named]:PUNCTUATION:(none some most all)' \
            '--spell[letter by letter]' \
            '--language[of the text, such as en-US; what the voice does not speak is spoken by espeak-ng, unless --voice names a voice]:LANGUAGE:_files' \
            '--voice[a voice'\''s name or directory (see '\''speechd-neural voices list'\'')]:VOICE:_files' \
            '--device[sound device to play on (default\: the system'\''s)]:DEVICE:_files' \
            '*:file:_files' ;;
        'daemon')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--config[in place of ~/.config/speechd-neural/config.yaml]:FILE:_files' \
            '--no-bus[offer nothing on the session bus (D-Bus)]' \
            '*:file:_files' ;;
        'status')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--json[everything, for programs]' \
            '*:file:_files' ;;
        'reload')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'stop')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'setup')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--dry-run[only show what would be changed]' \
            '--remove[take everything away; each file is again what it was]' \
            '--default[make it Speech Dispatcher'\''s default, without asking]' \
            '--no-default[do not make it the default, and do not ask]' \
            '--yes[answer every question with yes]' \
            '*:file:_files' ;;
        'doctor')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--quiet[do not speak a word to test the sound]' \
            '--speak[also speak the result]' \
            '*:file:_files' ;;
        'voices ')
            local -a below=('list:the voices there are, and those that can be installed' 'info:what a voice is made of' 'use:make a voice the one that speaks' 'remove:delete a voice of this user' 'import:make a voice of two public checkpoints, or take one that is made' 'install:fetch a voice by its name in the catalogue, or from an address')
            _describe command below ;;
        'voices')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'voices list')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'voices info')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'voices use')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'voices remove')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'voices import')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--name[of the voice (default\: from the file'\''s name)]:NAME:_files' \
            '--language[that it speaks (default en-US)]:LANGUAGE:_files' \
            '--licence[of the weights]:LICENCE:_files' \
            '*:file:_files' ;;
        'voices install')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--sha256[of each file, in the same order]:SHA256:_files' \
            '--unverified[accept files whose hash is not known; that of what arrives is told]' \
            '--catalogue[a file of names besides the one of this package]:CATALOGUE:_files' \
            '--keep-current[install it, but do not choose it]' \
            '--name[of the voice (default\: from the file'\''s name)]:NAME:_files' \
            '--language[that it speaks (default en-US)]:LANGUAGE:_files' \
            '--licence[of the weights]:LICENCE:_files' \
            '*:file:_files' ;;
        'cache')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'explain')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--words[only the spoken words, one line for each text]' \
            '--json[one JSON object a line for each text]' \
            '--ssml[the text is marked up]' \
            '--kind[what it is]:KIND:(text ssml char key sound_icon)' \
            '--punctuation[which symbols are named]:PUNCTUATION:(none some most all)' \
            '--capitals[how capital letters are announced]:CAPITALS:(none spell icon)' \
            '--spelling[letter by letter]' \
            '--digits[read all digits one by one]' \
            '--language[the language that the client has set, such as en-US]:TAG:_files' \
            '--lexicon[a pronunciation dictionary other than your own]:FILE:_files' \
            '--builtin-symbols[leave Speech Dispatcher'\''s dictionaries aside]' \
            '*:file:_files' ;;
        'verify-voice')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--voice[a voice'\''s name or directory (default\: the one that comes with the program)]:VOICE:_files' \
            '--only[what to listen to (default\: all but packs)]:ONLY:(letters words sentences packs)' \
            '--takes[find seeds up to N for the phrases of the packs that are not understood, and print them for the voice'\''s voice.yaml]:N:_files' \
            '--json[everything that was heard, for programs]' \
            '*:file:_files' ;;
        'train ')
            local -a below=('fetch-kokoro:fetch the teacher Kokoro by its packages'\'' names, and check it' 'corpus:let another synthesizer speak a corpus, with its phone timings' 'takes:leave out the takes of letters and digits that a recogniser misunderstands' 'align:find the phone timings of a recorded corpus, such as LJSpeech' 'features:compute what training reads, once' 'tacotron2:train symbols to mel' 'vocoder:train mel to sound (multi-band WaveRNN)' 'own-features:replace the features by what an acoustic model makes of the same texts' 'plot:draw the loss and, of a Tacotron 2 checkpoint, an alignment' 'export:both halves as a voice bundle with int8 weights' 'evaluate:measure a voice against recordings of the same texts' 'g2p:train the letter-to-sound model from a pronouncing dictionary')
            _describe command below ;;
        'train')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'train fetch-kokoro')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '*:file:_files' ;;
        'train corpus')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--sentences[a text file, one sentence a line]:SENTENCES:_files' \
            '--exclude[a text file of texts that must stay out, one a line]:EXCLUDE:_files' \
            '--out[the corpus directory to make]:OUT:_files' \
            '--count[number of items, half of them short (default %(default)s)]:COUNT:_files' \
            '--teacher[flite (Debian'\''s libflite1) or kokoro (default %(default)s)]:TEACHER:_files' \
            '--teacher-files[of kokoro\: what fetch-kokoro has filled]:DIR:_files' \
            '--voice[the teacher'\''s voice (default\: rms of flite, am_fenrir of kokoro)]:VOICE:_files' \
            '--processes[how many work at a time]:PROCESSES:_files' \
            '--seed[]:SEED:_files' \
            '*:file:_files' ;;
        'train takes')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--corpus[]:CORPUS:_files' \
            '--least[takes of each that are kept in any case (default %(default)s)]:LEAST:_files' \
            '*:file:_files' ;;
        'train align')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--corpus[a directory with metadata.csv and wavs/]:CORPUS:_files' \
            '--voice[the voice to compare with (default\: the one this package carries)]:VOICE:_files' \
            '*:file:_files' ;;
        'train features')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--corpus[]:CORPUS:_files' \
            '--out[]:OUT:_files' \
            '--processes[how many work at a time]:PROCESSES:_files' \
            '--sample-rate[of the voice, in Hz (default %(default)s)]:SAMPLE_RATE:_files' \
            '--hop[samples from frame to frame (default\: 10 ms)]:HOP:_files' \
            '--mels[mel bands up to half the sample rate (default %(default)s)]:MELS:_files' \
            '--bands[sub-bands of the vocoder (default %(default)s)]:BANDS:_files' \
            '*:file:_files' ;;
        'train tacotron2')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--features[]:FEATURES:_files' \
            '--out[checkpoints and logs; an existing checkpoint is resumed]:OUT:_files' \
            '--minutes[training time in all, earlier runs included]:MINUTES:_files' \
            '--device[cpu or cuda (default %(default)s)]:DEVICE:_files' \
            '--threads[CPU threads (default %(default)s)]:THREADS:_files' \
            '--rate[peak learning rate (default %(default)s)]:RATE:_files' \
            '--full-precision[no bfloat16 products]' \
            '--seed[]:SEED:_files' \
            '--from[begin with the weights of another run'\''s checkpoint]:CHECKPOINT:_files' \
            '--adversarial[train the postnet against a critic of mel patches, so that it does not blur (0\: not; 0.1 is a good weight)]:WEIGHT:_files' \
            '--adversarial-from[of the run'\''s time from which the critic is there (default %(default)s)]:SHARE:_files' \
            '--set[a layer width, e.g. gru=384]:NAME=N:_files' \
            '*:file:_files' ;;
        'train vocoder')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--features[]:FEATURES:_files' \
            '--out[checkpoints and logs; an existing checkpoint is resumed]:OUT:_files' \
            '--minutes[training time in all, earlier runs included]:MINUTES:_files' \
            '--device[cpu or cuda (default %(default)s)]:DEVICE:_files' \
            '--threads[CPU threads (default %(default)s)]:THREADS:_files' \
            '--rate[peak learning rate (default %(default)s)]:RATE:_files' \
            '--full-precision[no bfloat16 products]' \
            '--seed[]:SEED:_files' \
            '--from[begin with the weights of another run'\''s checkpoint]:CHECKPOINT:_files' \
            '--set[a layer width, e.g. gru=384]:NAME=N:_files' \
            '*:file:_files' ;;
        'train own-features')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--features[what '\''train features'\'' has written]:FEATURES:_files' \
            '--tacotron2[checkpoint tacotron2.pt]:TACOTRON2:_files' \
            '--out[]:OUT:_files' \
            '*:file:_files' ;;
        'train plot')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--out[the PNG file to write]:OUT:_files' \
            '--log[a .log.jsonl file of a training run]:LOG:_files' \
            '--checkpoint[tacotron2.pt, to draw how it aligns --features'\'' first utterance]:CHECKPOINT:_files' \
            '--features[]:FEATURES:_files' \
            '*:file:_files' ;;
        'train export')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--tacotron2[checkpoint tacotron2.pt]:TACOTRON2:_files' \
            '--vocoder[checkpoint multiband.pt]:VOCODER:_files' \
            '--out[the bundle directory to write]:OUT:_files' \
            '--name[the voice'\''s name, as people see it]:NAME:_files' \
            '--languages[]:LANGUAGES:_files' \
            '--licence[of the weights]:LICENCE:_files' \
            '--provenance[one line\: whose voice, which data, which command]:PROVENANCE:_files' \
            '--temperature[of sampling the residual (default %(default)s)]:TEMPERATURE:_files' \
            '*:file:_files' ;;
        'train evaluate')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--voice[bundle directory (default\: the one this package carries)]:VOICE:_files' \
            '--corpus[]:CORPUS:_files' \
            '--count[how many of them (default %(default)s)]:COUNT:_files' \
            '*:file:_files' ;;
        'train g2p')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--out[model file to write]:OUT:_files' \
            '--dictionary[also write the packed dictionary to this file]:DICTIONARY:_files' \
            '--minutes[training time of its network, earlier runs included (60)]:MINUTES:_files' \
            '--dropout[of the network'\''s layers (0.2)]:DROPOUT:_files' \
            '*:file:_files' ;;
        'bench')
            _arguments \
            '-h[show this help message and exit]' \
            '--help[show this help message and exit]' \
            '--voice[a voice'\''s name or directory (default\: the one this package carries)]:VOICE:_files' \
            '--runs[times that each text is spoken (default %(default)s)]:RUNS:_files' \
            '*:file:_files' ;;
    esac
}
_speechd_neural "$@"
