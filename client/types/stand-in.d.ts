export function standIn({ match, base }: {
    match?: string | undefined;
    base?: string | undefined;
}, scope?: any): () => void;
