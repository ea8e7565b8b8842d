"""The made-up participants of the sample."""

from dataclasses import dataclass

DAY_OF_SCREEN = (5, 370, 740)
_PARTS = ("train", "train", "test", "test", "dev", "dev", "train", "train", "train", "train")


@dataclass(frozen=True)
class Person:
    """Say who somebody is, and what becomes of them."""

    number: int
    part: str
    """Of the official split: ``train``, ``dev`` or ``test``."""
    diagnosed: int | None
    """Days from randomisation."""
    screens: tuple[int, ...]

    @property
    def pid(self) -> str:
        """The participant's id; real ones begin at 100002."""
        return str(900_002 + 7 * self.number)


def made_up_people() -> list[Person]:
    """Return 30 participants; every third gets a cancer, half of these within a year of T0."""
    people = []
    for number in range(30):
        soon, late = 40 + 9 * number, 500 + 60 * number
        diagnosed = None if number % 3 else (late if number % 2 else soon)
        screens = tuple(
            year
            for year, day in enumerate(DAY_OF_SCREEN)
            if year <= number % 2 + (number % 10 == 1) and (diagnosed is None or day <= diagnosed)
        )
        people.append(Person(number, _PARTS[number // 3], diagnosed, screens))
    return people
