package io.consoul.gateway;

import io.consoul.message.Replayed;
import io.consoul.message.TurnFailed;

/** A stored answer as it comes piece by piece: what is to be done when the client has taken a piece. */
final class StoredAnswer {

  enum Next {
    /** Ask for the next piece. */
    PIECE,
    /** That was all: its turn has its end. */
    END,
    /** That was all of a turn that was cut off, and its client has asked for it anew. */
    CUT_OFF,
    /** It would be asked for over and over. */
    BROKEN
  }

  private Replayed piece;
  private boolean known;

  /** @param repeated whether it came in answer to a request to begin the turn: it was stored before that */
  void came(Replayed next, boolean repeated) {
    piece = next;
    known |= repeated;
  }

  Replayed piece() {
    return piece;
  }

  Next next() {
    if (!piece.isLast()) {
      return piece.text().isEmpty() ? Next.BROKEN : Next.PIECE;
    }
    return known && piece.end() instanceof TurnFailed ? Next.CUT_OFF : Next.END;
  }
}
