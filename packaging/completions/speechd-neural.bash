# bash completion of speechd-neural; written by packaging/describe.py
_speechd_neural() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'say daemon status reload stop setup doctor voices cache explain verify-voice train bench --help --version' -- "$word"))
        return
    fi
    case $command in
        train|voices) ((COMP_CWORD > 2)) && command="$command ${COMP_WORDS[2]}" ;;
    esac
    case "$command $before" in
        'say --punctuation') COMPREPLY=($(compgen -W 'none some most all' -- "$word")); return ;;
        'explain --kind') COMPREPLY=($(compgen -W 'text ssml char key sound_icon' -- "$word")); return ;;
        'explain --punctuation') COMPREPLY=($(compgen -W 'none some most all' -- "$word")); return ;;
        'explain --capitals') COMPREPLY=($(compgen -W 'none spell icon' -- "$word")); return ;;
        'verify-voice --only') COMPREPLY=($(compgen -W 'letters words sentences packs' -- "$word")); return ;;
        *' --voice'|'voices use voices'|'voices info voices'|'voices use use'|'voices info info'|'voices remove remove')
            COMPREPLY=($(compgen -W "$(speechd-neural voices list 2>/dev/null | cut -d' ' -f1)" -- "$word")); return ;;
    esac
    case $command in
        'say') words='-h --help -o --output --file --out-dir --plot --ssml --rate --speed --pitch --pitch-range --volume --punctuation --spell --language --voice --device' ;;
        'daemon') words='-h --help --config --no-bus' ;;
        'status') words='-h --help --json' ;;
        'reload') words='-h --help' ;;
        'stop') words='-h --help' ;;
        'setup') words='-h --help --dry-run --remove --default --no-default --yes' ;;
        'doctor') words='-h --help --quiet --speak' ;;
        'voices') words='list info use remove import install -h --help' ;;
        'voices list') words='-h --help' ;;
        'voices info') words='-h --help' ;;
        'voices use') words='-h --help' ;;
        'voices remove') words='-h --help' ;;
        'voices import') words='-h --help --name --language --licence' ;;
        'voices install') words='-h --help --sha256 --unverified --catalogue --keep-current --name --language --licence' ;;
        'cache') words='-h --help' ;;
        'explain') words='-h --help --words --json --ssml --kind --punctuation --capitals --spelling --digits --language --lexicon --builtin-symbols' ;;
        'verify-voice') words='-h --help --voice --only --takes --json' ;;
        'train') words='fetch-kokoro corpus takes align features tacotron2 vocoder own-features plot export evaluate g2p -h --help' ;;
        'train fetch-kokoro') words='-h --help' ;;
        'train corpus') words='-h --help --sentences --exclude --out --count --teacher --teacher-files --voice --processes --seed' ;;
        'train takes') words='-h --help --corpus --least' ;;
        'train align') words='-h --help --corpus --voice' ;;
        'train features') words='-h --help --corpus --out --processes --sample-rate --hop --mels --bands' ;;
        'train tacotron2') words='-h --help --features --out --minutes --device --threads --rate --full-precision --seed --from --adversarial --adversarial-from --set' ;;
        'train vocoder') words='-h --help --features --out --minutes --device --threads --rate --full-precision --seed --from --set' ;;
        'train own-features') words='-h --help --features --tacotron2 --out' ;;
        'train plot') words='-h --help --out --log --checkpoint --features' ;;
        'train export') words='-h --help --tacotron2 --vocoder --out --name --languages --licence --provenance --temperature' ;;
        'train evaluate') words='-h --help --voice --corpus --count' ;;
        'train g2p') words='-h --help --out --dictionary --minutes --dropout' ;;
        'bench') words='-h --help --voice --runs' ;;
    esac
    [[ $word == -* || $command == voices || $command == train || $command == cache ]] &&
        COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _speechd_neural speechd-neural
