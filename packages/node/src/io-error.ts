import { SegmentError } from '@seg/core';

/** The `code` of a Node system error (`ENOENT`), or '' where there is none. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Says in words why a file could not be read or written: the system's code, and what to do about it. */
export function ioError(action: 'read' | 'write', path: string, error: unknown): SegmentError {
  const [what, hint] = explain(action, error);
  return new SegmentError('io', `cannot ${action} ${path}: ${what}`, { hint, cause: error });
}

function explain(action: 'read' | 'write', error: unknown): [what: string, hint: string] {
  switch (systemCode(error)) {
    case 'ENOENT':
      return action === 'read'
        ? ['no such file', 'Check the name']
        : ['its folder does not exist', 'Make the folder first or choose another'];
    case 'ENOTDIR':
      return ['a part of its path is a file, not a folder', 'Check the path'];
    case 'EISDIR':
      return ['it is a folder', 'Name a file'];
    case 'EACCES':
    case 'EPERM':
      return ['no permission', 'Change the permissions of the file or its folder, or choose another'];
    case 'EROFS':
      return ['the file system is read-only', 'Choose another folder'];
    case 'ENOSPC':
    case 'EDQUOT':
      return ['the disk is full', 'Free some space or choose a folder on another disk'];
    case 'ENAMETOOLONG':
      return ['the name is too long', 'Choose a shorter one'];
    case 'EMFILE':
    case 'ENFILE':
      return ['too many files are open', 'Do fewer things at once'];
    default:
      return [error instanceof Error ? error.message : String(error), 'Try again or choose another place'];
  }
}
