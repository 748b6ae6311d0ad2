'use client';

import { useEffect, useRef, useState } from 'react';
import { findPerson } from './find-person.ts';

export function Person() {
  const photo = useRef<HTMLImageElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [status, setStatus] = useState('Loading the model …');

  useEffect(() => {
    if (photo.current === null || canvas.current === null) return;
    const abort = new AbortController();
    findPerson(photo.current, canvas.current, abort.signal).then(setStatus, (error) => {
      if (!abort.signal.aborted) setStatus(error.message);
    });
    return () => abort.abort();
  }, []);

  return (
    <>
      <figure>
        <img
          ref={photo}
          src="/sample.jpg"
          width={512}
          height={512}
          alt="Portrait of an astronaut, a flag behind her"
        />
        <canvas ref={canvas} role="img" aria-label="The person, coloured" />
      </figure>
      <p role="status">{status}</p>
    </>
  );
}
