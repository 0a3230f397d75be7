/** Tags as a person writes them in one line, and as the API has them. */

export const tagsOf = (line: string): string[] => [...new Set(line.split(/[,،、，]/).map((tag) => tag.trim()).filter(Boolean))];

export const lineOf = (tags: readonly string[]): string => tags.join(', ');
