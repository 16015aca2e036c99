#include "textflag.h"

// The registers of a compression:
//
//	X0      two or four words plus their constants, as SHA256RNDS2 wants
//	X1 X2   the state: words ABEF and CDGH, first word highest
//	X3-X6   sixteen words of the message schedule, first word lowest
//	X7      scratch
//	SI      the table of ·rounds

// MESSAGE makes the state the message, with its padding behind it.
#define MESSAGE \
	PSHUFD  $0x1b, X1, X3;  \ // ABEF, first word lowest
	PSHUFD  $0xb1, X2, X4;  \ // GHCD, first word lowest
	MOVO    X3, X7;         \
	PBLENDW $0xf0, X4, X3;  \ // ABCD
	PALIGNR $8, X7, X4;     \ // EFGH
	MOVOU   256(SI), X5;    \
	MOVOU   272(SI), X6

// ROUNDS4 does four rounds: with the words w and the constants at k.
#define ROUNDS4(k, w) \
	MOVOU       k(SI), X0;     \
	PADDD       w, X0;         \
	SHA256RNDS2 X0, X1, X2;    \
	PSHUFD      $0x0e, X0, X0; \
	SHA256RNDS2 X0, X2, X1

// NEXT4 puts the four words that follow a, b, c, d into a.
#define NEXT4(a, b, c, d) \
	SHA256MSG1 b, a;      \
	MOVO       d, X7;     \
	PALIGNR    $4, c, X7; \
	PADDD      X7, a;     \
	SHA256MSG2 d, a

#define NEXT16(k) \
	NEXT4(X3, X4, X5, X6); \
	ROUNDS4(k, X3);        \
	NEXT4(X4, X5, X6, X3); \
	ROUNDS4(k+16, X4);     \
	NEXT4(X5, X6, X3, X4); \
	ROUNDS4(k+32, X5);     \
	NEXT4(X6, X3, X4, X5); \
	ROUNDS4(k+48, X6)

// HASH compresses the state, as message, into the state abef, cdgh.
#define HASH(abef, cdgh) \
	MESSAGE;          \
	MOVO  abef, X1;   \
	MOVO  cdgh, X2;   \
	ROUNDS4(0, X3);   \
	ROUNDS4(16, X4);  \
	ROUNDS4(32, X5);  \
	ROUNDS4(48, X6);  \
	NEXT16(64);       \
	NEXT16(128);      \
	NEXT16(192);      \
	PADDD abef, X1;   \
	PADDD cdgh, X2

// func roundsSHANI(t, u, inner, outer *state, table *[72]uint32, n int)
TEXT ·roundsSHANI(SB), NOSPLIT, $0-48
	MOVQ  t+0(FP), AX
	MOVQ  u+8(FP), BX
	MOVQ  inner+16(FP), CX
	MOVQ  outer+24(FP), DX
	MOVQ  table+32(FP), SI
	MOVQ  n+40(FP), DI
	MOVOU (AX), X12
	MOVOU 16(AX), X13
	MOVOU (BX), X1
	MOVOU 16(BX), X2
	MOVOU (CX), X8
	MOVOU 16(CX), X9
	MOVOU (DX), X10
	MOVOU 16(DX), X11

loop:
	HASH(X8, X9)
	HASH(X10, X11)
	PXOR  X1, X12
	PXOR  X2, X13
	DECQ  DI
	JNZ   loop

	MOVOU X12, (AX)
	MOVOU X13, 16(AX)
	MOVOU X1, (BX)
	MOVOU X2, 16(BX)
	RET

// func cpuid(leaf uint32) (eax, ebx, ecx uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-20
	MOVL leaf+0(FP), AX
	XORL CX, CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	RET
