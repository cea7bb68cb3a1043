package io.consoul.session;

import io.consoul.message.Heard;

/** Where what was journalled of an answer is joined with what somebody else heard of it. */
final class Seam {

  private Seam() {}

  /**
   * The longest text of an attempt that is known for certain. What was heard counts where it is of that attempt, joins the
   * journal without a gap, agrees with it and reaches beyond it. Never ends inside a surrogate pair: another attempt could not
   * go on there.
   *
   * @param said what was journalled
   * @param fence of the attempt
   * @param heard may be null
   */
  static String join(String said, long fence, Heard heard) {
    String all = fits(said, fence, heard) ? said.substring(0, heard.offset()) + heard.text() : said;
    int end = all.length();
    return end > 0 && Character.isHighSurrogate(all.charAt(end - 1))
        ? all.substring(0, end - 1)
        : all;
  }

  private static boolean fits(String said, long fence, Heard heard) {
    return heard != null
        && heard.fence() == fence
        && heard.offset() >= 0
        && heard.offset() <= said.length()
        && heard.text().length() > said.length() - heard.offset()
        && heard.text().startsWith(said.substring(heard.offset()));
  }
}
