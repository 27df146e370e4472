export function standIn({ match }: {
    match?: string | undefined;
}, scope?: any): () => void;
