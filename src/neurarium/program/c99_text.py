"""The fixed parts of the C files: the header, the functions C does not have, and the check."""

HEADER = """
/* {title}, as neurarium printed it: C99, one row at a call, no allocation.
 *
{about}
 *
 * The working memory is shared by all calls: do not call from two threads at once. To compare with the network's own
 * answers to {rows} rows, build the .c file with -DNET_CHECK and -lm, and run it.
 */
#ifndef {guard}
#define {guard}

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

{declarations}
#ifdef __cplusplus
}}
#endif

#endif
"""

SOLVE = """
/* Gaussian elimination, the largest pivot first: m becomes what is left of it, x the answer. */
static void Solve_{kind}(int n, int k, {kind} *m, {kind} *x)
{
    for (int c = 0; c < n; c++) {
        int best = c;
        for (int r = c + 1; r < n; r++)
            if (fabs{f}(m[r * n + c]) > fabs{f}(m[best * n + c]))
                best = r;
        for (int j = 0; j < n; j++) {
            {kind} moved = m[c * n + j];
            m[c * n + j] = m[best * n + j];
            m[best * n + j] = moved;
        }
        for (int j = 0; j < k; j++) {
            {kind} moved = x[c * k + j];
            x[c * k + j] = x[best * k + j];
            x[best * k + j] = moved;
        }
        if (m[c * n + c] == 0)
            m[c * n + c] = NAN;
        for (int r = 0; r < n; r++) {
            {kind} share = m[r * n + c] / m[c * n + c];
            for (int j = c; j < n && r != c; j++)
                m[r * n + j] -= share * m[c * n + j];
            for (int j = 0; j < k && r != c; j++)
                x[r * k + j] -= share * x[c * k + j];
        }
    }
    for (int r = 0; r < n; r++)
        for (int j = 0; j < k; j++)
            x[r * k + j] /= m[r * n + r];
}
"""

HELPERS = {
    "Max_float": "static float Max_float(float x, float y) { return x > y || x != x ? x : y; }",
    "Min_float": "static float Min_float(float x, float y) { return x < y || x != x ? x : y; }",
    "Max_double": "static double Max_double(double x, double y) { return x > y || x != x ? x : y; }",
    "Min_double": "static double Min_double(double x, double y) { return x < y || x != x ? x : y; }",
    **{
        f"Solve_{kind}": SOLVE.replace("{kind}", kind).replace("{f}", f) for kind, f in (("float", "f"), ("double", ""))
    },
    "Max_int32_t": "static int32_t Max_int32_t(int32_t x, int32_t y) { return x > y ? x : y; }",
    "Min_int32_t": "static int32_t Min_int32_t(int32_t x, int32_t y) { return x < y ? x : y; }",
}

CHECK_OUTPUT = """
for (int i = 0; i < {count}; i++)
    bad += compare("{function}, {output}", row, {output}[i], {wanted}[i], {allowed}, {largest});
"""

CHECK_TAIL = """
static double furthest;

static int compare(const char *what, int row, double answer, double right, double allowed, double largest)
{{
    double away = fabs(answer - right);
    if (answer == right || (answer != answer && right != right))
        return 0;
    if (away / largest > furthest)
        furthest = away / largest;
    if (away <= allowed)
        return 0;
    printf("%s: row %d says %.9g where the network said %.9g\\n", what, row, answer, right);
    return 1;
}}

int main(void)
{{
    int bad = 0;
{calls}
    if (bad == 0)
        printf("all {rows} agree; ");
    printf("largest difference %.1e of the largest answer (allowed: {tolerance:g})\\n", furthest);
    return bad == 0 ? 0 : 1;
}}
"""
