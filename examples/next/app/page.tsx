import { Person } from './person.tsx';

export default function Page() {
  return (
    <main>
      <h1>Find the person</h1>
      <Person />
    </main>
  );
}
