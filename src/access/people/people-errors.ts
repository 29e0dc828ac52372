// The refusals about people that more than one file gives, in the same words.
import { inputError, TillsyncError } from '../../errors.ts';

/** Unknown, disabled, without a password or with another one: all are told the same. */
export function signInRefused(): TillsyncError {
  return new TillsyncError('E-mail or password is not right.', {
    code: 'sign_in_refused',
    step: 'auth',
    effect: 'You are not signed in.',
    hint: 'Check both; an admin can make you a link for a new password.',
  });
}

/** A code of the second factor that is wrong, was taken already or has passed. */
export function codeRefused(): TillsyncError {
  return new TillsyncError('This code is not right, or was used already.', {
    code: 'second_factor_refused',
    step: 'auth',
    effect: 'Nothing was changed.',
    hint: 'Wait for the next code of your app, check the clock of its device, or use a recovery code.',
  });
}

/** The request carries no session, or one that has ended. */
export function notSignedIn(): TillsyncError {
  return new TillsyncError('Nobody is signed in, or the session has ended.', {
    code: 'not_signed_in',
    step: 'auth',
    effect: 'Nothing was changed.',
    hint: 'Sign in again.',
  });
}

/** There is no user of this id or e-mail. */
export function userUnknown(): TillsyncError {
  return new TillsyncError('There is no such user.', {
    code: 'user_unknown',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'See who there is with `tillsync users list`.',
    status: 404,
    exitCode: 2,
  });
}

/** The e-mail belongs to another user. */
export function emailTaken(): TillsyncError {
  return new TillsyncError('Another user has this e-mail.', {
    code: 'email_taken',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'Take another e-mail, or change that user.',
    status: 409,
    exitCode: 2,
  });
}

/** The e-mail without spaces around it, composed. Throws TillsyncError email_invalid. */
export function checkedEmail(text: string): string {
  const email = text.trim().normalize('NFC');
  const isOne = /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(email) && email.length <= 254;
  if (isOne) return email;
  throw inputError('email_invalid', 'This is no e-mail address.', 'Write it as name@example.com.');
}

/** Throws TillsyncError user_name_invalid unless people can be called so. */
export function checkedName(text: string): string {
  const name = text.trim();
  if (name !== '' && name.length <= 100 && !/\p{Cc}/u.test(name) && name.isWellFormed()) return name;
  throw inputError(
    'user_name_invalid',
    'The name of a user has 1 to 100 characters and no control characters.',
    'Write it as they are called, e.g. Ada Lovelace.',
  );
}
