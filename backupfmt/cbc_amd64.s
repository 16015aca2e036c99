//go:build !purego

#include "textflag.h"

// Both kernels keep
//	AX  the first round key      DI  dst     CX  bytes left
//	BX  the last round key       SI  src     DX  iv
//	R8  the round key at hand
// and load all ciphertext of a step before they store its plaintext, so that
// dst may be src.

#define ARGUMENTS \
	MOVQ keys+0(FP), AX      \
	MOVQ rounds+8(FP), BX    \
	SHLQ $4, BX              \
	ADDQ AX, BX              \
	MOVQ dst_base+16(FP), DI \
	MOVQ src_base+40(FP), SI \
	MOVQ src_len+48(FP), CX  \
	MOVQ iv+64(FP), DX

// X0 to X7: eight blocks. X8: round key. X9: the ciphertext block before them.
// X10: the last of them, enciphered.

#define EIGHT(op) \
	op X8, X0 \
	op X8, X1 \
	op X8, X2 \
	op X8, X3 \
	op X8, X4 \
	op X8, X5 \
	op X8, X6 \
	op X8, X7

// CHAIN8 undoes the chaining of a block: it adds the ciphertext before it.
#define CHAIN8(offset, block) \
	MOVUPS offset(SI), X8 \
	PXOR   X8, block

// func decryptAESNI(keys *[15][16]byte, rounds int, dst, src []byte, iv *[16]byte)
TEXT ·decryptAESNI(SB), NOSPLIT, $0-72
	ARGUMENTS
	MOVUPS (DX), X9

eight:
	SUBQ   $128, CX
	JCS    rest
	MOVUPS 0(SI), X0
	MOVUPS 16(SI), X1
	MOVUPS 32(SI), X2
	MOVUPS 48(SI), X3
	MOVUPS 64(SI), X4
	MOVUPS 80(SI), X5
	MOVUPS 96(SI), X6
	MOVUPS 112(SI), X7
	MOVAPS X7, X10
	MOVUPS (AX), X8
	EIGHT(PXOR)
	LEAQ   16(AX), R8

round8:
	MOVUPS (R8), X8
	EIGHT(AESDEC)
	ADDQ   $16, R8
	CMPQ   R8, BX
	JNE    round8

	MOVUPS (BX), X8
	EIGHT(AESDECLAST)
	PXOR   X9, X0
	CHAIN8(0, X1)
	CHAIN8(16, X2)
	CHAIN8(32, X3)
	CHAIN8(48, X4)
	CHAIN8(64, X5)
	CHAIN8(80, X6)
	CHAIN8(96, X7)
	MOVAPS X10, X9
	MOVUPS X0, 0(DI)
	MOVUPS X1, 16(DI)
	MOVUPS X2, 32(DI)
	MOVUPS X3, 48(DI)
	MOVUPS X4, 64(DI)
	MOVUPS X5, 80(DI)
	MOVUPS X6, 96(DI)
	MOVUPS X7, 112(DI)
	ADDQ   $128, SI
	ADDQ   $128, DI
	JMP    eight

rest:
	ADDQ   $128, CX
	JEQ    done

one:
	MOVUPS (SI), X0
	MOVAPS X0, X10
	MOVUPS (AX), X8
	PXOR   X8, X0
	LEAQ   16(AX), R8

round1:
	MOVUPS (R8), X8
	AESDEC X8, X0
	ADDQ   $16, R8
	CMPQ   R8, BX
	JNE    round1

	MOVUPS     (BX), X8
	AESDECLAST X8, X0
	PXOR       X9, X0
	MOVAPS     X10, X9
	MOVUPS     X0, (DI)
	ADDQ       $16, SI
	ADDQ       $16, DI
	SUBQ       $16, CX
	JNE        one

done:
	MOVUPS X9, (DX)
	RET

// Y0 to Y7: sixteen blocks, two in each. Y8: round key, twice. Y9: the
// ciphertext block before them, and the first of them. X10: the last of them.

#define SIXTEEN(op) \
	op Y8, Y0, Y0 \
	op Y8, Y1, Y1 \
	op Y8, Y2, Y2 \
	op Y8, Y3, Y3 \
	op Y8, Y4, Y4 \
	op Y8, Y5, Y5 \
	op Y8, Y6, Y6 \
	op Y8, Y7, Y7

// func decryptVAES(keys *[15][16]byte, rounds int, dst, src []byte, iv *[16]byte)
TEXT ·decryptVAES(SB), NOSPLIT, $0-72
	ARGUMENTS
	VMOVDQU (DX), X9

sixteen:
	SUBQ           $256, CX
	JCS            done
	VMOVDQU        0(SI), Y0
	VMOVDQU        32(SI), Y1
	VMOVDQU        64(SI), Y2
	VMOVDQU        96(SI), Y3
	VMOVDQU        128(SI), Y4
	VMOVDQU        160(SI), Y5
	VMOVDQU        192(SI), Y6
	VMOVDQU        224(SI), Y7
	VINSERTI128    $1, X0, Y9, Y9
	VEXTRACTI128   $1, Y7, X10
	VBROADCASTI128 (AX), Y8
	SIXTEEN(VPXOR)
	LEAQ           16(AX), R8

round16:
	VBROADCASTI128 (R8), Y8
	SIXTEEN(VAESDEC)
	ADDQ           $16, R8
	CMPQ           R8, BX
	JNE            round16

	VBROADCASTI128 (BX), Y8
	SIXTEEN(VAESDECLAST)
	VPXOR   Y9, Y0, Y0
	VPXOR   16(SI), Y1, Y1
	VPXOR   48(SI), Y2, Y2
	VPXOR   80(SI), Y3, Y3
	VPXOR   112(SI), Y4, Y4
	VPXOR   144(SI), Y5, Y5
	VPXOR   176(SI), Y6, Y6
	VPXOR   208(SI), Y7, Y7
	VMOVDQA X10, X9
	VMOVDQU Y0, 0(DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, 64(DI)
	VMOVDQU Y3, 96(DI)
	VMOVDQU Y4, 128(DI)
	VMOVDQU Y5, 160(DI)
	VMOVDQU Y6, 192(DI)
	VMOVDQU Y7, 224(DI)
	ADDQ    $256, SI
	ADDQ    $256, DI
	JMP     sixteen

done:
	VMOVDQU X9, (DX)
	VZEROUPPER
	RET

// func subWord(w uint32) uint32
//
// AESENCLAST is ShiftRows, SubBytes and a round key. The first moves nothing
// when all columns are the same.
TEXT ·subWord(SB), NOSPLIT, $0-12
	MOVL       w+0(FP), X0
	PSHUFD     $0, X0, X0
	PXOR       X1, X1
	AESENCLAST X1, X0
	MOVL       X0, ret+8(FP)
	RET

// func invMixColumns(key *[16]byte)
TEXT ·invMixColumns(SB), NOSPLIT, $0-8
	MOVQ   key+0(FP), AX
	MOVUPS (AX), X0
	AESIMC X0, X0
	MOVUPS X0, (AX)
	RET

// func cpuidLeaf7ECX() uint32
TEXT ·cpuidLeaf7ECX(SB), NOSPLIT, $0-4
	MOVL $7, AX
	XORL CX, CX
	CPUID
	MOVL CX, ret+0(FP)
	RET
